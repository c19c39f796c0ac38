/** What HAProxy answers, read by the command that was asked; an acknowledgement is never taken for the fact. */

/** One server of one section, of `show servers state`. */
export interface ServerRow {
  readonly proxy: string;
  readonly server: string;
  readonly address: string;
  readonly port: number;
  /** 0-256. */
  readonly weight: number;
  readonly isMaintained: boolean;
  readonly isDrained: boolean;
}

/** Of a worker, by `show info`. */
export interface WorkerInfo {
  readonly pid: number;
  readonly description: string;
  /** It accepts no more connections. */
  readonly isStopping: boolean;
}

/** Of a master, by `show proc`. */
export interface ProcessTable {
  readonly master: number;
  readonly reloads: number;
  /** The last reload did not work. */
  readonly hasFailed: boolean;
  /** The process that serves; absent while there is none. */
  readonly worker?: number;
  /** Processes that a reload ended and that still have connections. */
  readonly oldWorkers: readonly number[];
}

/** Bits of `srv_admin_state` that the admin socket sets. */
const MAINTAINED = 0x01;
const DRAINED = 0x08;

/** Bits of the flags of a group of peers: the process before, and those on other machines, have told all. */
const LEARNT = 0x3;

/** The rows that follow a line of column names which begins with `# be_id`. */
export function serverRows(answer: string): readonly ServerRow[] {
  const [names = '', ...lines] = answer.slice(answer.indexOf('# be_id') + 2).split('\n');
  const column = columnsOf(names.split(' '));
  const [proxy, server, address, port, weight, admin] = [
    'be_name',
    'srv_name',
    'srv_addr',
    'srv_port',
    'srv_uweight',
    'srv_admin_state',
  ].map(column) as [number, number, number, number, number, number];
  return lines
    .map((line) => line.split(' '))
    .filter((cells) => cells.length > 1)
    .map((cells) => ({
      proxy: cells[proxy] ?? '',
      server: cells[server] ?? '',
      address: cells[address] ?? '',
      port: Number(cells[port]),
      weight: Number(cells[weight]),
      isMaintained: (Number(cells[admin]) & MAINTAINED) !== 0,
      isDrained: (Number(cells[admin]) & DRAINED) !== 0,
    }));
}

/** Rows by the name of their section. */
export function rowsByProxy(rows: readonly ServerRow[]): ReadonlyMap<string, readonly ServerRow[]> {
  const byProxy = new Map<string, ServerRow[]>();
  for (const row of rows) {
    const own = byProxy.get(row.proxy);
    if (own) own.push(row);
    else byProxy.set(row.proxy, [row]);
  }
  return byProxy;
}

/** Undefined when it is not the answer to `show info`. */
export function workerInfo(answer: string): WorkerInfo | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(answer)?.[1];
  const pid = Number(field('Pid'));
  if (!(pid > 0)) return undefined;
  return { pid, description: field('description') ?? '', isStopping: field('Stopping') === '1' };
}

/** Undefined when it is not the answer to `show proc`. */
export function processTable(answer: string): ProcessTable | undefined {
  const [current = '', old = ''] = answer.split('# old workers');
  const master = /^(\d+)\s+master\s+(\d+) \[failed: (\d+)\]/m.exec(current);
  if (!master) return undefined;
  const [worker] = workersOf(current);
  return {
    master: Number(master[1]),
    reloads: Number(master[2]),
    hasFailed: master[3] !== '0',
    ...(worker !== undefined && { worker }),
    oldWorkers: workersOf(old),
  };
}

/** Whether a process has the tables of those before it, or knows that it gets none: of `show peers`. */
export function hasLearnt(answer: string): boolean {
  return Array.from(answer.matchAll(/ disabled=0 flags=(0x[0-9a-f]+) /g)).every(
    ([, flags]) => (Number(flags) & LEARNT) === LEARNT,
  );
}

/** Cells of `show stat` by the name of their column. */
export function statRows(answer: string): readonly ((name: string) => string)[] {
  const [names = '', ...lines] = answer.slice(answer.indexOf('# pxname') + 2).split('\n');
  const column = columnsOf(names.split(','));
  return lines
    .filter((line) => line.includes(','))
    .map((line) => {
      const cells = line.split(',');
      return (name: string) => cells[column(name)] ?? '';
    });
}

/** Ids of the sessions between one section and one server, of `show sess`. */
export function sessionIds(answer: string, proxy: string, server: string): readonly string[] {
  return answer
    .split('\n')
    .map((line) => line.split(' '))
    .filter((words) => words.includes(`be=${proxy}`) && words.includes(`srv=${server}`))
    .map(([id = '']) => id.replace(/:$/, ''));
}

/** Fingerprints by SHA-1 of the certificates that it serves, by their paths: of `show ssl cert <path>`. */
export function certificatePrints(answer: string): ReadonlyMap<string, string> {
  const prints = new Map<string, string>();
  for (const part of answer.split(/^Filename: /m).slice(1)) {
    const [path = ''] = part.split('\n', 1);
    const print = /^SHA1 FingerPrint: ([0-9A-F]+)$/m.exec(part)?.[1];
    if (print !== undefined) prints.set(path, print);
  }
  return prints;
}

function workersOf(part: string): number[] {
  return Array.from(part.matchAll(/^(\d+)\s+worker\s/gm), ([, pid]) => Number(pid));
}

function columnsOf(names: readonly string[]): (name: string) => number {
  const columns = new Map(names.map((name, index) => [name, index]));
  return (name) => columns.get(name) ?? -1;
}
