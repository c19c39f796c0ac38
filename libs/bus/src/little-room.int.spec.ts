import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { Bus, ensureStream, factsDefinition, STREAM_DEFINITIONS } from './index.js';

const MIB = 1024 * 1024;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('F9 a NATS with little room', () => {
  let directory: string;
  let server: EmbeddedServer;
  let bus: Bus;
  const told: object[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-room-'));
    server = await startNats({
      env: process.env,
      stateDir: directory,
      log: () => undefined,
      maxStore: 48 * MIB,
    });
    bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  }, 300_000);

  afterAll(async () => {
    await bus.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('takes streams that may hold less than usual, and says so', async () => {
    const log = { info: (fields: object) => void told.push(fields) };
    const { config } = await ensureStream(bus.manager, factsDefinition('one'), log);
    expect(config.max_bytes).toBe(32 * MIB);
    expect(told).toEqual([{ stream: 'FACTS_one', maxBytes: 32 * MIB }]);
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, log);
    await expect(
      ensureStream(bus.manager, factsDefinition('two', 64 * MIB), log, ['max_bytes']),
    ).rejects.toThrow('insufficient storage');
  });

  it('refuses what is beyond its bound with storage-full, and what is refused is known until something is stored', async () => {
    const message = Buffer.alloc(4 * MIB);
    const fill = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) await bus.publisher.publish('activity.run.plan', message);
    };
    await expect(fill()).rejects.toMatchObject({ code: 'storage-full', retryable: true });
    expect([...bus.publisher.refusals]).toMatchObject([['activity', { code: 'storage-full' }]]);
    await bus.manager.streams.purge('ACTIVITY');
    await bus.publisher.publish('activity.run.plan', message);
    expect([...bus.publisher.refusals]).toEqual([]);
  });
});
