import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SERVICES, programFile } from '@signalbox/contracts';
import { type EmbeddedServer, freePort, startNats } from '@signalbox/embedded';
import { CHECKOUT, createDatabase, ServiceProcess, type TestDatabase, until } from '@signalbox/testing';

/** A service that is there then never ends; one that could not end in its own time (9 s) says so by its exit code. Milliseconds. */
const STOP_MS = 60_000;
const TEST_MS = 300_000;

describe('a service that is told to stop', () => {
  let stateDir: string;
  let nats: EmbeddedServer;
  let database: TestDatabase;
  let services: ServiceProcess[];
  let outputs: string[];

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

  /** Exit codes; a service that is still there after {@link STOP_MS} counts as that. */
  async function stopAll(): Promise<Record<string, number | null | 'late'>> {
    const ends = services.map(async (service, at) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), STOP_MS)));
      const end = await Promise.race([service.end('SIGTERM'), late]);
      clearTimeout(timer);
      return [SERVICES[at]!, end] as const;
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
