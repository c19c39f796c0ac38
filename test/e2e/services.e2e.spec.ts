import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SERVICES, programFile } from '@signalbox/contracts';
import { freePort, isAlive } from '@signalbox/embedded';
import {
  CHECKOUT,
  lintMetrics,
  optionalProgram,
  RawNats,
  runCommand,
  ServiceProcess,
  Site,
  until,
} from '@signalbox/testing';

jest.setTimeout(300_000);

const MAIN = programFile('standalone');
/** A site that is not gone by then, stopped or killed, never will be. Milliseconds. */
const GONE_MS = 60_000;
/** The same for one that was killed and is not back. Milliseconds. */
const BACK_MS = 120_000;

interface Ports {
  readonly api: number;
  readonly nats: number;
  readonly services?: Readonly<Record<string, number>>;
}

/** Each test goes on where the last one ended. */
describe('one process per service under embedded servers', () => {
  let stateDir: string;
  let httpPort: number;
  let site: ServiceProcess | undefined;
  let output = '';

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'signalbox-separate-'));
    await chmod(stateDir, 0o711); // the user of Postgres has to pass
    httpPort = await freePort();
    const ports = { api: httpPort, nats: await freePort(), postgres: await freePort() };
    await writeFile(join(stateDir, 'ports.json'), JSON.stringify(ports));
    await start();
  }, 300_000);

  afterAll(async () => {
    await site?.end('SIGTERM');
    await rm(stateDir, { recursive: true, force: true });
  }, 300_000);

  async function start(): Promise<void> {
    output = '';
    site = new ServiceProcess({
      main: MAIN,
      args: ['--separate', '--state', stateDir],
      cwd: CHECKOUT,
      env: environment(),
      readyText: 'Signalbox is ready',
      onOutput: (text) => (output += text),
    });
    await site.ready();
  }

  /** Nothing names a server: all are started. */
  function environment(): NodeJS.ProcessEnv {
    const { NATS_URL: _nats, DATABASE_URL: _database, ...env } = process.env;
    return { ...env, HTTP_PORT: String(httpPort), SIGNALBOX_NODE: 'separate-node' };
  }

  /** Pid by process, as the pid files say. */
  async function pids(): Promise<Map<string, number>> {
    const files = (await readdir(stateDir)).filter((name) => name.endsWith('.pid'));
    return new Map(
      await Promise.all(
        files.map(async (file): Promise<[string, number]> => {
          const text = await readFile(join(stateDir, file), 'utf8');
          return [file.slice(0, -'.pid'.length), parseInt(text, 10)];
        }),
      ),
    );
  }

  async function ports(): Promise<Ports> {
    return JSON.parse(await readFile(join(stateDir, 'ports.json'), 'utf8')) as Ports;
  }

  async function allGone(known: ReadonlyMap<string, number>): Promise<void> {
    const left = (): string[] => [...known].filter(([, pid]) => isAlive(pid)).map(([name]) => name);
    await until('every process to be gone', () => left().length === 0, GONE_MS);
  }

  it('every service has a process, a port and a log of its own, and the banner says where', async () => {
    const running = await pids();
    expect([...running.keys()].sort()).toEqual([...SERVICES, 'nats', 'postgres', 'up'].sort());
    expect(new Set(running.values()).size).toBe(SERVICES.length + 3);
    expect([...running.values()].every(isAlive)).toBe(true);

    const { api, services = {} } = await ports();
    expect(['api', ...Object.keys(services)]).toEqual(SERVICES);
    for (const [name, port] of Object.entries({ api, ...services })) {
      const answer = await fetch(`http://127.0.0.1:${port}/livez`);
      expect([name, answer.headers.get('x-process-id')]).toEqual([name, String(running.get(name))]);
      const log = await readFile(join(stateDir, 'log', `${name}.log`), 'utf8');
      expect(log).toContain(`"services":["${name}"]`);
    }
    expect(output).toContain(`logs      ${stateDir}/log/<service>.log`);
    expect(output).toContain(`--nkey ${stateDir}/keys/publisher/nats.seed pub events.default.`);
  });

  it('X29 the metrics of every service stand up to the rules of promtool', async () => {
    const { api, services = {} } = await ports();
    const promtool = optionalProgram('promtool', 'metrics of every service by promtool');
    for (const [name, port] of Object.entries({ api, ...services })) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect([name, ...lintMetrics(text)]).toEqual([name]);
      expect(text).toContain('# TYPE process_cpu_seconds_total counter');
      // the rules as their author runs them, where that program is installed
      if (promtool === undefined) continue;
      const { stderr } = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect([name, stderr]).toEqual([name, '']);
    }
  });

  it('the key of the publisher lets a fact in, and without a key nobody gets in', async () => {
    const url = `nats://127.0.0.1:${(await ports()).nats}`;
    const seed = await readFile(join(stateDir, 'keys', 'publisher', 'nats.seed'), 'utf8');
    const publisher = await RawNats.connect(url, seed.trim());
    const answer = await publisher.request('emit.default.client.seen', '{"id":"evt-separate"}');
    expect(JSON.parse(answer)).toMatchObject({ accepted: true, id: 'evt-separate' });
    publisher.close();
    await expect(RawNats.connect(url)).rejects.toThrow('Authorization Violation');
  });

  it('X41 a killed service comes back on its port and says from its start on that it is there, and the others keep their processes', async () => {
    const before = await pids();
    const told = output.length;
    const log = (): Promise<string> => readFile(join(stateDir, 'log', 'matcher.log'), 'utf8');
    const logged = (await log()).length;
    process.kill(before.get('matcher')!, 'SIGKILL');
    await until('matcher to be back', () => output.slice(told).includes('matcher is back on'), BACK_MS);
    const said = (await log()).slice(logged).trimEnd().split('\n');
    const lines = said.filter((line) => line.startsWith('{')); // the shell that watched says "Killed"
    const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect([messages[0], messages.includes('started')]).toEqual(['starting', true]);
    const after = await pids();
    expect(after.get('matcher')).not.toBe(before.get('matcher'));
    expect(new Map(after).set('matcher', before.get('matcher')!)).toEqual(before);
    expect(output.slice(told).trim().split('\n')).toEqual([
      'matcher stopped by itself (SIGKILL), starting it again in 100 ms',
      `matcher is back on 127.0.0.1:${(await ports()).services?.['matcher']} (pid ${after.get('matcher')})`,
    ]);
  });

  it('a second start on the same state is refused', async () => {
    const second = await runCommand(process.execPath, [MAIN, '--separate', '--state', stateDir], {
      env: environment(),
    });
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toContain(`Signalbox already runs here (pid ${site?.pid}, state ${stateDir})`);
  });

  it('SIGTERM ends it with exit code 0 and leaves no process, and the next start has the same ports', async () => {
    const running = await pids();
    const kept = await ports();
    const ended = site!.end('SIGTERM');
    await until('its end', () => !site!.isRunning, GONE_MS);
    expect(await ended).toBe(0);
    await allGone(running);
    expect((await pids()).size).toBe(0);

    await start();
    expect(await ports()).toEqual(kept);
  });

  it('kill -9 leaves no process either', async () => {
    const running = await pids();
    await site!.end('SIGKILL');
    await allGone(running);
  });
});

describe('one process per service on servers of the operator', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start({ shape: 'services', only: 'api,ingest' });
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  it('--only starts some of them', async () => {
    const started = await site.serviceUrls();
    expect([...started.keys()]).toEqual(['api', 'ingest']);
    await expect(site.servicePid('matcher')).rejects.toThrow('ENOENT');
    const fact = { type: 'client.seen', subject: 'host-1' };
    expect((await site.rest('POST', '/v1/groups/default/events', fact)).status).toBe(202);
  });

  it('a service that cannot start ends the start, with what it said', async () => {
    expect(await site.shutDown()).toBe(0);
    await rm(join(site.stateDir, 'keys', 'ingest', 'nats.seed'));
    const failed = await site.up().catch((error: Error) => error.message);
    expect(failed).toContain('ingest did not start (exit 1)');
    expect(failed).toMatch(/NATS_SEED_FILE names \S+, which cannot be read \(ENOENT\)/);
    await expect(site.servicePid('api')).rejects.toThrow('ENOENT');
  });
});
