import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '@signalbox/embedded';
import { NatsProcess, until } from '@signalbox/testing';
import { Bus } from './bus.js';
import { getBySeq, getLast } from './direct-get.js';
import { ensureDurable } from './durables.js';
import { Follower } from './follower.js';
import { lastOf } from './last-of.js';
import { ensureStream, STREAM_DEFINITIONS } from './streams.js';

const DEFINITION = STREAM_DEFINITIONS.activity;

describe('a JetStream behind a leaf node', () => {
  let dir: string;
  let hub: NatsProcess;
  let leaf: NatsProcess;
  let bus: Bus;
  const lines: string[] = [];
  const say = (fields: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { info: say, warn: say, error: say };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-leaf-'));
    const leafPort = await freePort();
    const jetstream = (name: string): string =>
      `jetstream { store_dir: ${JSON.stringify(join(dir, name, 'store'))}, domain: ${name} }`;
    hub = await NatsProcess.start(join(dir, 'hub'), [
      jetstream('hub'),
      `leafnodes { listen: "127.0.0.1:${leafPort}" }`,
      'max_payload: 8MB',
    ]);
    leaf = await NatsProcess.start(join(dir, 'leaf'), [
      jetstream('leaf'),
      `leafnodes { remotes = [{ url: "nats://127.0.0.1:${leafPort}" }] }`,
      'max_payload: 8MB',
    ]);
    bus = await Bus.connect({ url: leaf.url, name: 'test', jsDomain: 'hub', log });
    await ensureStream(bus.manager, DEFINITION, log);
  }, 60_000);

  afterAll(async () => {
    await bus.close();
    await leaf.kill();
    await hub.kill();
    await rm(dir, { recursive: true });
  });

  it('X22 is written, read and followed as one at hand', async () => {
    const { seq } = await bus.publisher.publishJson('activity.vip', { n: 1 });
    const read: number[] = [];
    const follower = new Follower(bus, {
      name: 'all',
      stream: DEFINITION.name,
      fromSeq: 1,
      onBatch: (batch) => {
        read.push(...batch.map((message) => message.seq));
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    await bus.publisher.publishJson('activity.vip', { n: 2 });
    await until('the message', () => read.length === 2);
    await follower.stop();
    expect(read).toEqual([seq, seq + 1]);
    const [first] = await getBySeq(bus, DEFINITION.name, [seq]);
    expect(first?.subject).toBe('activity.vip');
    expect((await getLast(bus, DEFINITION.name, 'activity.vip'))?.seq).toBe(seq + 1);
    expect((await lastOf(bus, DEFINITION.name, 'activity.>')).last).toBe(seq + 1);
    const names: string[] = [];
    for await (const { name } of bus.manager.consumers.list(DEFINITION.name)) names.push(name);
    expect(names).toEqual([]);
  });

  it('X22 has durables there, whose acknowledgements arrive', async () => {
    const consumer = await ensureDurable(bus, {
      ...{ stream: DEFINITION.name, durable: 'work', filter: 'activity.vip', description: 'test: works' },
      ...{ concurrency: 10, ackWaitMs: 6000 },
    });
    const message = await consumer.next();
    expect(await message?.ackAck()).toBe(true);
    expect((await consumer.info()).ack_floor.stream_seq).toBe(message?.seq);
  });

  it('X22 is nothing that the leaf node has of its own', async () => {
    const own = await Bus.connect({ url: leaf.url, name: 'own', log });
    const names: string[] = [];
    for await (const name of own.manager.streams.names()) names.push(name);
    expect(names).toEqual([]);
    await own.close();
  });

  it('X22 says so when the domain is another', async () => {
    const stop = new AbortController();
    lines.length = 0;
    const waiting = Bus.connect({ url: leaf.url, name: 'lost', jsDomain: 'moon', log, signal: stop.signal });
    await until('a line', () => lines.length > 0);
    stop.abort();
    await expect(waiting).rejects.toThrow('gave up waiting');
    expect(lines[0]).toContain('JetStream of the domain moon does not answer');
    expect(lines[0]).toContain('is NATS_JS_DOMAIN right');
  });
});
