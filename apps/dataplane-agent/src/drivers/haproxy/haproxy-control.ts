import {
  hasLearnt,
  type ProcessTable,
  processTable,
  type ServerRow,
  serverRows,
  type WorkerInfo,
  workerInfo,
} from './answers.js';
import { commandWord, ControlSocket, isAbsent, isCutOff } from './control-socket.js';
import { type Expiry, unavailable } from './expiry.js';

/**
 * Longest waits for tables of clients. Milliseconds. A process can hand them over once it has heard all from those before it, for
 * which it waits 5 seconds when there is none; one that ran no file of ours has none to hand over.
 */
export const MOST_WAIT_MS = { beforeReload: 12_000, afterReload: 2_000 } as const;

/** The worker that serves, as it says of itself. */
export interface ServingWorker extends WorkerInfo {
  readonly rows: readonly ServerRow[];
}

/** HAProxy by its two sockets: that of the master, which reloads, and that of the worker, which serves. */
export class HaproxyControl {
  private readonly master: ControlSocket;
  private readonly stats: ControlSocket;

  constructor(masterSocket: string, statsSocket: string) {
    this.master = new ControlSocket(masterSocket);
    this.stats = new ControlSocket(statsSocket);
  }

  /**
   * Undefined when no HAProxy runs. A master starts itself anew at its start and in a reload, and has no socket meanwhile: as
   * long as its worker answers it is waited for.
   */
  async processes(expiry: Expiry): Promise<ProcessTable | undefined> {
    for (;;) {
      const answer = await answerOf(this.master.ask('show proc', expiry));
      const table = answer === undefined ? undefined : processTable(answer);
      if (table) return table;
      if (answer !== undefined && answer.trim() !== '') {
        throw unavailable(`${this.master.path} is not the socket of a HAProxy master`);
      }
      if ((await answerOf(this.stats.ask('show info', expiry))) === undefined) return undefined;
      await expiry.pause(`the master of HAProxy to answer at ${this.master.path}`);
    }
  }

  /** Commands to the worker that serves. */
  async tell(commands: readonly string[], expiry: Expiry): Promise<string> {
    return this.stats.tell(commands, expiry);
  }

  /**
   * Puts a certificate in the place of the one of this path, for every handshake from now on. What HAProxy answers is not looked at:
   * whoever asks reads back what it serves.
   */
  async exchangeCertificate(path: string, pem: string, expiry: Expiry): Promise<void> {
    const word = commandWord(path);
    // one that somebody left begun would be committed with ours
    await this.stats.ask(`abort ssl cert ${word}`, expiry);
    // an empty line ends the text
    await this.stats.ask(`set ssl cert ${word} <<\n${pem.trimEnd()}\n`, expiry);
    await this.stats.ask(`commit ssl cert ${word}`, expiry);
  }

  /** Commands to another worker, one that a reload ended. The master takes the prefix with each of them. */
  async tellWorker(pid: number, commands: readonly string[], expiry: Expiry): Promise<string> {
    return this.master.tell(
      commands.map((command) => `@!${pid} ${command}`),
      expiry,
    );
  }

  /** What the worker that serves is and has, after these commands; what it answers to them is not looked at. */
  async serving(expiry: Expiry, commands: readonly string[] = []): Promise<ServingWorker> {
    const answer = await this.stats.tell([...commands, 'show info', 'show servers state'], expiry);
    const info = workerInfo(answer);
    if (!info) throw unavailable(`${this.stats.path} is not the admin socket of HAProxy`);
    return { ...info, rows: serverRows(answer) };
  }

  /**
   * Starts a worker with the file that stands now; says whether it serves. True: every connection from now on is the new
   * worker's, and those that stood go on in the old one. False: HAProxy did not take the file, or did not get a port, and goes on
   * with the old one.
   */
  async reload(expiry: Expiry): Promise<boolean> {
    const before = await this.processes(expiry);
    if (!before) throw unavailable(`nobody listens at ${this.master.path}`);
    await this.master.ask('reload', expiry).catch(notYet);
    const after = await this.untilSettled(before, expiry);
    if (after.hasFailed || after.worker === undefined) return false;
    await this.untilServing(after.worker, expiry);
    for (const pid of after.oldWorkers) await this.untilStopping(pid, expiry);
    return true;
  }

  /** Waits until a worker answers at the admin socket; `pid`: until it is this one. */
  async untilServing(pid: number | undefined, expiry: Expiry): Promise<void> {
    for (;;) {
      const info = workerInfo(await this.stats.ask('show info', expiry).catch(nothing));
      if (info && !info.isStopping && (pid === undefined || info.pid === pid)) return;
      await expiry.pause(`HAProxy to serve and to answer at ${this.stats.path}`);
    }
  }

  /**
   * Waits until the worker has all tables of clients of the one before it. Before a reload, until it can hand over its own: without
   * that all of them are lost. After one, until the new worker has got them.
   */
  async untilTablesKnown(when: keyof typeof MOST_WAIT_MS, expiry: Expiry): Promise<void> {
    for (const end = performance.now() + MOST_WAIT_MS[when]; performance.now() < end;) {
      if (hasLearnt(await this.stats.ask('show peers', expiry))) return;
      await expiry.pause('HAProxy to hand over its tables of clients');
    }
  }

  /** Whether any client is remembered. */
  async remembersClients(expiry: Expiry): Promise<boolean> {
    return /\bused:[1-9]/.test(await this.stats.ask('show table', expiry));
  }

  /** The master starts itself anew for each reload, and is deaf meanwhile. */
  private async untilSettled(before: ProcessTable, expiry: Expiry): Promise<ProcessTable> {
    for (;;) {
      const now = await this.processes(expiry).catch(notYet);
      const isOver = now && now.reloads > before.reloads && (now.worker !== undefined || now.hasFailed);
      if (isOver) return now;
      await expiry.pause(`HAProxy to reload, and to tell so at ${this.master.path}`);
    }
  }

  /** The old worker accepts until it has heard of the new one; a connection that it took would follow the old weights. */
  private async untilStopping(pid: number, expiry: Expiry): Promise<void> {
    for (;;) {
      const table = await this.processes(expiry);
      if (!table?.oldWorkers.includes(pid)) return;
      const info = workerInfo(await this.tellWorker(pid, ['show info'], expiry).catch(nothing));
      if (info?.isStopping) return;
      await expiry.pause(`the old worker ${pid} of HAProxy to stop accepting`);
    }
  }
}

/** Undefined when nobody listens, or not any more. */
async function answerOf(asked: Promise<string>): Promise<string | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAbsent(error) || isCutOff(error)) return undefined;
    throw error;
  }
}

function notYet(): undefined {
  return undefined;
}

function nothing(): string {
  return '';
}
