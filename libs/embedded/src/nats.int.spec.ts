import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, StringCodec, type NatsConnection } from 'nats';
import type { EmbeddedServer } from './embedded-server.js';
import { freePort, isPortFree } from './free-port.js';
import { startNats } from './nats.js';
import { deadlinePassed, pollUntil } from './poll-until.js';
import { isAlive } from './process-table.js';

const DEADLINE_MS = 60_000;

describe('startNats', () => {
  let stateDir: string;
  let lines: string[];
  const running: EmbeddedServer[] = [];
  const start = async (
    more: { port?: number; strictPort?: boolean; sync?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<EmbeddedServer> => {
    const server = await startNats({ env: process.env, stateDir, log: (line) => lines.push(line), ...more });
    running.push(server);
    return server;
  };
  const connected = async <T>(url: string, work: (nc: NatsConnection) => Promise<T>): Promise<T> => {
    const nc = await connect({ servers: url });
    try {
      return await work(nc);
    } finally {
      await nc.close();
    }
  };
  const store = (url: string, text: string): Promise<unknown> =>
    connected(url, async (nc) => {
      const streams = (await nc.jetstreamManager()).streams;
      await streams.add({ name: 'KEPT', subjects: ['kept'] });
      return nc.jetstream().publish('kept', StringCodec().encode(text));
    });
  const stored = (url: string): Promise<string> =>
    connected(url, async (nc) => {
      const streams = (await nc.jetstreamManager()).streams;
      return StringCodec().decode((await streams.getMessage('KEPT', { seq: 1 })).data);
    });

  beforeEach(() => {
    lines = [];
    stateDir = mkdtempSync(join(tmpdir(), 'signalbox-nats-'));
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(stateDir, { recursive: true });
  });

  it('keeps its data over a stop and a second start', async () => {
    const first = await start();
    await store(first.url, 'from the first run');
    const pid = first.pid();
    await Promise.all([first.stop(), first.stop()]);
    expect(pid).toBeDefined();
    expect(isAlive(pid ?? 0)).toBe(false);
    expect(first.pid()).toBeUndefined();
    expect(await isPortFree(first.port)).toBe(true);

    const second = await start();
    expect(await stored(second.url)).toBe('from the first run');
  });

  it('takes over what a server without accounts has kept', async () => {
    const first = await start();
    await store(first.url, 'from before accounts');
    await first.stop();
    const accounts = join(first.dataDir, 'jetstream');
    renameSync(join(accounts, 'SITE'), join(accounts, '$G'));

    const second = await start();
    expect(await stored(second.url)).toBe('from before accounts');
  });

  it('comes back on the same port and data when it is killed', async () => {
    const server = await start();
    await store(server.url, 'from before the kill');
    const killed = server.pid() ?? 0;
    process.kill(killed, 'SIGKILL');
    const isBack = (): boolean => lines.some((line) => line.includes('is back on'));
    expect(await pollUntil(isBack, deadlinePassed(DEADLINE_MS))).toBe(true);
    expect(server.pid()).not.toBe(killed);
    expect(await stored(server.url)).toBe('from before the kill');
    expect(lines.filter((line) => line.includes('starting it again in 100 ms'))).toHaveLength(1);
  });

  it('takes the next port when the preferred one is busy, unless that is strict', async () => {
    const busy = await freePort();
    const holder = createServer().listen(busy, '127.0.0.1');
    try {
      await expect(start({ port: busy, strictPort: true })).rejects.toThrow(`port ${busy} is busy`);
      expect((await start({ port: busy })).port).toBeGreaterThan(busy);
    } finally {
      holder.close();
    }
  });

  it('takes messages of 8 MB', async () => {
    const server = await start();
    expect(await connected(server.url, (nc) => Promise.resolve(nc.info?.max_payload))).toBe(8 * 1024 * 1024);
  });

  it('does not start a second server on the data of a living one', async () => {
    await start();
    await expect(start()).rejects.toThrow('already running');
  });

  it('stops while it waits for a restart', async () => {
    const server = await start();
    process.kill(server.pid() ?? 0, 'SIGKILL');
    const isDown = (): boolean => lines.some((line) => line.includes('stopped by itself'));
    expect(await pollUntil(isDown, deadlinePassed(DEADLINE_MS))).toBe(true);
    await server.stop();
    expect(server.pid()).toBeUndefined();
    expect(await isPortFree(server.port)).toBe(true);
  });

  it('leaves nothing behind when it does not start', async () => {
    const env = { ...process.env, NATS_SERVER_BIN: '/bin/sh' }; // refuses the configuration file at once
    await expect(start({ env })).rejects.toThrow(/nats-server did not start \(exit \d+\)/);
    expect(existsSync(join(stateDir, 'nats.pid'))).toBe(false);
    await start();
  });

  it('syncs as it is told where the server can, and says where not', async () => {
    await start({ sync: 'always' });
    const isSet = readFileSync(join(stateDir, 'nats.conf'), 'utf8').includes('sync_interval: always');
    expect(lines.some((line) => line.includes('SIGNALBOX_NATS_SYNC is left out'))).toBe(!isSet);
  });
});
