import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SERVICES, programFile } from '@signalbox/contracts';
import { type EmbeddedServer, freePort, startNats } from '@signalbox/embedded';
import { CHECKOUT, createDatabase, ServiceProcess, type TestDatabase, until } from '@signalbox/testing';
import { backend } from '../e2e/balance-site.js';
import { manifest } from '../e2e/manifests.js';

/** A service that is there then never ends; one that could not end in its own time (9 s) says so by its exit code. Milliseconds. */
const STOP_MS = 60_000;
const TEST_MS = 300_000;

describe('a service that is told to stop', () => {
  let stateDir: string;
  let nats: EmbeddedServer;
  let database: TestDatabase;
  let services: ServiceProcess[];
  let outputs: string[];
  let portOf: Map<string, number>;

  beforeEach(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'signalbox-stop-'));
    [nats, database] = await Promise.all([
      startNats({ env: process.env, stateDir, log: () => undefined }),
      createDatabase(),
    ]);
    services = [];
  }, TEST_MS);

  afterEach(async () => {
    await Promise.all(services.map((service) => service.end('SIGKILL')));
    await nats.stop();
    await database.drop();
    await rm(stateDir, { recursive: true });
  }, TEST_MS);

  async function startAll(): Promise<void> {
    const ports = new Set<number>();
    while (ports.size < SERVICES.length) ports.add(await freePort());
    outputs = SERVICES.map(() => '');
    portOf = new Map(SERVICES.map((name, at) => [name, [...ports][at]!]));
    services = SERVICES.map((name, at) => serviceOf(name, [...ports][at]!, (text) => (outputs[at] += text)));
  }

  function serviceOf(name: string, port: number, onOutput: (text: string) => void): ServiceProcess {
    return new ServiceProcess({
      main: programFile(name),
      cwd: CHECKOUT,
      onOutput,
      env: {
        ...process.env,
        NATS_URL: nats.url,
        DATABASE_URL: database.url,
        HTTP_PORT: String(port),
        SIGNALBOX_STATE_DIR: stateDir,
      },
    });
  }

  /** Applies one changed resource after the other until `signal`, or until nobody listens. */
  async function applyOver(lane: number, signal: AbortSignal): Promise<void> {
    const { token } = JSON.parse(await readFile(join(stateDir, 'context.json'), 'utf8')) as { token: string };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/yaml' };
    const url = `${urlOf('api')}/v1/apply?set=lane-${lane}`;
    for (let turn = 0; !signal.aborted; turn += 1) {
      const body = manifest(backend(`worker-${lane}`, `10.0.${lane}.${turn % 250}`));
      const answer = await fetch(url, { method: 'POST', body, headers, signal }).catch(() => undefined);
      if (!answer) return;
    }
  }

  async function generation(): Promise<number> {
    const metrics = await (await fetch(`${urlOf('renderer')}/metrics`)).text();
    return Number(/^signalbox_effective_generation (\d+)/m.exec(metrics)?.[1] ?? 0);
  }

  function urlOf(name: string): string {
    return `http://127.0.0.1:${portOf.get(name)}`;
  }

  /** How each ends: its exit code, with its last lines when that is not 0; one that is there after {@link STOP_MS} is late. */
  async function stopAll(): Promise<Record<string, unknown>> {
    const ends = services.map(async (service, at) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), STOP_MS)));
      const end = await Promise.race([service.end('SIGTERM'), late]);
      clearTimeout(timer);
      return [SERVICES[at]!, end === 0 ? 0 : { end, said: outputs[at]!.split('\n').slice(-15) }] as const;
    });
    return Object.fromEntries(await Promise.all(ends));
  }

  const ALL_CLEAN = Object.fromEntries(SERVICES.map((name) => [name, 0]));

  it(
    'ends in time and cleanly',
    async () => {
      await startAll();
      await Promise.all(services.map((service) => service.ready()));
      expect(await stopAll()).toEqual(ALL_CLEAN);
    },
    TEST_MS,
  );

  it(
    'ends in time and cleanly while NATS hangs',
    async () => {
      await startAll();
      await Promise.all(services.map((service) => service.ready()));
      process.kill(nats.pid()!, 'SIGSTOP');
      expect(await stopAll()).toEqual(ALL_CLEAN);
      process.kill(nats.pid()!, 'SIGCONT');
    },
    TEST_MS,
  );

  it(
    'ends in time and cleanly while NATS hangs and there is work in hand',
    async () => {
      await startAll();
      await Promise.all(services.map((service) => service.ready()));
      const applying = new AbortController();
      const work = Array.from({ length: 4 }, (_, lane) => applyOver(lane, applying.signal));
      await until('work to be in hand', async () => (await generation()) > 10, TEST_MS);
      process.kill(nats.pid()!, 'SIGSTOP');
      expect(await stopAll()).toEqual(ALL_CLEAN);
      applying.abort();
      await Promise.all(work);
      process.kill(nats.pid()!, 'SIGCONT');
    },
    TEST_MS,
  );

  it(
    'ends in time and cleanly while it still waits for NATS',
    async () => {
      await nats.stop();
      await startAll();
      await until(
        'all to wait',
        () => outputs.every((output) => output.includes('waiting for NATS')),
        TEST_MS,
      );
      expect(await stopAll()).toEqual(ALL_CLEAN);
    },
    TEST_MS,
  );
});
