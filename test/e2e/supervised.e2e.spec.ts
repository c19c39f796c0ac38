import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { programFile } from '@signalbox/contracts';
import { freePort, isAlive } from '@signalbox/embedded';
import { CHECKOUT, until } from '@signalbox/testing';

/** Deadlines for hangs only: a first start makes a database. Milliseconds. */
const START_MS = 150_000;
const GONE_MS = 60_000;
const TEST_MS = 300_000;

interface Ports {
  readonly api: number;
  readonly nats: number;
  readonly postgres: number;
  readonly services?: Readonly<Record<string, number>>;
}

/** A command as a supervisor starts it: no terminal, a session of its own, its pid known and nothing else. */
class Supervised {
  output = '';
  private readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;

  constructor(
    command: string,
    args: readonly string[],
    readonly env: NodeJS.ProcessEnv = environment(),
  ) {
    this.child = spawn(command, args, {
      cwd: CHECKOUT,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.ended = once(this.child, 'exit').then(
      ([code, signal]) => (code ?? signal) as number | NodeJS.Signals | null,
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  says(text: string): Promise<true> {
    const check = (): true | undefined => {
      if (this.output.includes(text)) return true;
      if (this.child.exitCode !== null) throw new Error(`it ended:\n${this.output}`);
      return undefined;
    };
    return until(`"${text}"`, check, START_MS).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.output}`);
    });
  }

  /** Signals this one process, as `kill PID` does. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }
}

/** Nothing names a server: all are started. */
function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of ['NATS_URL', 'DATABASE_URL', 'HTTP_PORT', 'npm_lifecycle_event']) delete env[name];
  return { ...env, SIGNALBOX_CACHE_DIR: join(CHECKOUT, '.signalbox', 'cache'), ...extra };
}

function newState(ports: Partial<Ports>): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'signalbox-supervised-'));
  chmodSync(stateDir, 0o711); // the user of Postgres has to pass
  writeFileSync(join(stateDir, 'ports.json'), JSON.stringify(ports));
  return stateDir;
}

async function freshPorts(): Promise<Ports> {
  return { api: await freePort(), nats: await freePort(), postgres: await freePort() };
}

function portsOf(stateDir: string): Ports {
  return JSON.parse(readFileSync(join(stateDir, 'ports.json'), 'utf8')) as Ports;
}

/** Every process that has this text in its command line, as the process table of Linux says. */
function processesOf(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(text) && isAlive(pid));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}

describe('what a supervisor ends', () => {
  let stateDir: string;

  beforeAll(async () => {
    stateDir = newState(await freshPorts());
  });
  afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

  const UP = join(CHECKOUT, 'scripts', 'up.mjs');
  const ways = (script: string, ...flags: string[]) => ({
    [`npm run ${script}`]: (state: string) => ['npm', ['run', script, '--', '--state', state]] as const,
    [`scripts/up.mjs ${flags.join(' ')}`.trim()]: (state: string) =>
      [process.execPath, [UP, ...flags, '--state', state]] as const,
  });
  const [NPM_UP, SCRIPT_UP] = Object.entries(ways('up'));
  const [NPM_SERVICES, SCRIPT_SERVICES] = Object.entries(ways('services', '--separate'));

  // npm dies of SIGHUP itself, without a word to what it started
  it.each([
    { what: SCRIPT_UP!, signal: 'SIGTERM', status: 0 },
    { what: SCRIPT_UP!, signal: 'SIGHUP', status: 0 },
    { what: SCRIPT_UP!, signal: 'SIGINT', status: 0 },
    { what: NPM_UP!, signal: 'SIGTERM', status: 0 },
    { what: NPM_UP!, signal: 'SIGINT', status: 0 },
    { what: NPM_UP!, signal: 'SIGHUP', status: 'SIGHUP' },
    { what: SCRIPT_SERVICES!, signal: 'SIGTERM', status: 0 },
    { what: NPM_SERVICES!, signal: 'SIGHUP', status: 'SIGHUP' },
  ] as const)(
    'X21 $signal to $what.0 alone ends everything it started',
    async ({ what, signal, status }) => {
      const site = new Supervised(...what[1](stateDir));
      await site.says('Signalbox is ready');
      expect(processesOf(stateDir).length).toBeGreaterThanOrEqual(3); // itself and two servers
      site.kill(signal);
      expect(await site.ended).toBe(status);
      await until('every process to be gone', () => processesOf(stateDir).length === 0, GONE_MS);
      expect(readdirSync(stateDir).filter((name) => name.endsWith('.pid'))).toEqual([]);
    },
    TEST_MS,
  );
});

describe('a run of the tests that a supervisor ends', () => {
  const TEST = join(CHECKOUT, 'scripts', 'test.mjs');

  it.each([
    { command: 'npm', args: ['test', '--'], signal: 'SIGTERM', status: 143 },
    { command: process.execPath, args: [TEST], signal: 'SIGHUP', status: 129 },
  ] as const)(
    'X21 $signal to $command alone ends what $args started, with the status of that signal',
    async ({ command, args, signal, status }) => {
      const dir = mkdtempSync(join(tmpdir(), 'signalbox-ended-'));
      chmodSync(dir, 0o711);
      try {
        const pattern = ['--testPathPatterns', 'e2e/health-weights'];
        const run = new Supervised(command, [...args, ...pattern], environment({ TMPDIR: dir }));
        const isTesting = (): boolean => processesOf(dir).some((pid) => commandLine(pid).includes('jest.js'));
        await until('the tests to run', isTesting, START_MS);
        run.kill(signal);
        expect(await run.ended).toBe(status);
        await until('every process to be gone', () => processesOf(dir).length === 0, GONE_MS);
        expect(readdirSync(dir)).toEqual([]);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
    TEST_MS,
  );
});

describe('ports that somebody else takes', () => {
  const states: string[] = [];
  const sites: Supervised[] = [];
  const held: Server[] = [];

  afterEach(async () => {
    for (const server of held.splice(0)) server.close();
    await Promise.all(
      sites.splice(0).map((site) => {
        site.kill('SIGTERM');
        return site.ended;
      }),
    );
    for (const state of states.splice(0)) rmSync(state, { recursive: true, force: true });
  }, TEST_MS);

  function start(ports: Partial<Ports>, ...flags: string[]): { site: Supervised; state: string } {
    const state = newState(ports);
    states.push(state);
    const main = programFile('standalone');
    const site = new Supervised(process.execPath, [main, '--state', state, ...flags]);
    sites.push(site);
    return { site, state };
  }

  async function take(port: number): Promise<void> {
    const server = createServer();
    await once(server.listen(port, '127.0.0.1'), 'listening');
    held.push(server);
  }

  /** Banner, ports.json and context.json say the same, and the site answers there. */
  async function expectOneAnswer(site: Supervised, state: string): Promise<number> {
    const { api } = portsOf(state);
    const url = `http://127.0.0.1:${api}`;
    expect(site.output).toContain(`API       ${url} `);
    expect(JSON.parse(readFileSync(join(state, 'context.json'), 'utf8'))).toMatchObject({ url });
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(site.output).not.toContain('EADDRINUSE');
    return api;
  }

  it(
    'X20 two sites that start at once on the same ports come up on ports of their own',
    async () => {
      const ports = await freshPorts();
      const two = [start(ports), start(ports)];
      await Promise.all(two.map(({ site }) => site.says('Signalbox is ready')));
      for (const { site, state } of two) await expectOneAnswer(site, state);
      const all = two.flatMap(({ state }) => Object.values(portsOf(state)) as number[]);
      expect(new Set(all).size).toBe(6);
    },
    TEST_MS,
  );

  it(
    'X20 the API moves when its port is taken between the choice and the start',
    async () => {
      const ports = await freshPorts();
      const { site, state } = start(ports);
      const written = (): number => statSync(join(state, 'ports.json')).mtimeMs;
      const before = written();
      await until('the ports to be chosen', () => written() !== before, START_MS);
      await take(ports.api);
      await site.says('Signalbox is ready');
      expect(await expectOneAnswer(site, state)).not.toBe(ports.api);
    },
    TEST_MS,
  );

  it(
    'X20 services move when the port of one of them is taken before it listens',
    async () => {
      const ports = { ...(await freshPorts()), services: { ingest: await freePort() } };
      const { site, state } = start(ports, '--separate', '--only', 'api,ingest');
      await until('ingest to be started', () => readdirSync(state).includes('ingest.pid'), START_MS);
      await take(ports.services.ingest);
      await site.says('Signalbox is ready');
      const { token } = JSON.parse(readFileSync(join(state, 'context.json'), 'utf8')) as { token: string };
      const api = await expectOneAnswer(site, state);
      expect(portsOf(state).services?.['ingest']).not.toBe(ports.services.ingest);
      const accepted = await fetch(`http://127.0.0.1:${api}/v1/groups/default/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: '{"type":"a.b","subject":"s"}',
      });
      expect(accepted.status).toBe(202);
    },
    TEST_MS,
  );

  it(
    'X20 a port that the operator named is that or an error in plain words',
    async () => {
      const port = await freePort();
      await take(port);
      const state = newState(await freshPorts());
      states.push(state);
      const named = new Supervised(
        process.execPath,
        [programFile('standalone'), '--state', state],
        environment({ HTTP_PORT: String(port) }),
      );
      expect(await named.ended).toBe(1);
      expect(named.output).toContain(
        `port ${port} of 127.0.0.1 is busy: stop what listens there, or set HTTP_PORT`,
      );
      expect(named.output).not.toContain('EADDRINUSE');
    },
    TEST_MS,
  );
});
