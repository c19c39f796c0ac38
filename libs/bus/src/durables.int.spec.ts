import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NatsProcess } from '@signalbox/testing';
import { AckPolicy, nanos } from 'nats';
import { Bus } from './bus.js';
import { ensureDurable } from './durables.js';
import { ensureStream, STREAM_DEFINITIONS } from './streams.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe('a durable of an older version', () => {
  let dir: string;
  let nats: NatsProcess;
  let bus: Bus;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-durables-'));
    nats = await NatsProcess.start(dir, ['max_payload: 8MB']);
    bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, silent);
  });

  afterAll(async () => {
    await bus.close();
    await nats.kill();
    await rm(dir, { recursive: true });
  });

  it('gets its description and keeps its place', async () => {
    const stream = STREAM_DEFINITIONS.activity.name;
    await bus.manager.consumers.add(stream, {
      durable_name: 'old',
      ack_policy: AckPolicy.Explicit,
      ack_wait: nanos(6000),
      max_ack_pending: 1,
      filter_subject: 'activity.vip',
    });
    for (const n of [1, 2]) await bus.publisher.publishJson('activity.vip', { n });
    const before = await bus.jetstream.consumers.get(stream, 'old');
    await (await before.next())?.ackAck();
    const durable = { stream, durable: 'old', filter: 'activity.vip', concurrency: 1, ackWaitMs: 6000 };
    const consumer = await ensureDurable(bus, { ...durable, description: 'test: reads VIPs' });
    const { config, ack_floor: floor } = await consumer.info();
    expect([config.description, floor.stream_seq]).toEqual(['test: reads VIPs', 1]);
    expect((await consumer.next())?.json()).toEqual({ n: 2 });
    const names: string[] = [];
    for await (const { name } of bus.manager.consumers.list(stream)) names.push(name);
    expect(names).toEqual(['old']);
  });
});
