import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NatsProcess, until } from '@signalbox/testing';
import { Bus, getLastAlone, LatestReader, untilStream } from './index.js';

const TEST_MS = 120_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let dir: string;
let server: NatsProcess;
let bus: Bus;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'signalbox-latest-'));
  server = await NatsProcess.start(dir);
  bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
}, TEST_MS);

afterAll(async () => {
  await bus.close();
  await server.kill();
  await rm(dir, { recursive: true, force: true });
}, TEST_MS);

const put = (key: string, value: string): Promise<unknown> =>
  bus.publisher.publish(`keys.${key}`, Buffer.from(value));
const make = (): Promise<unknown> =>
  bus.manager.streams.add({
    name: 'KEYS',
    subjects: ['keys.>'],
    max_msgs_per_subject: 1,
    allow_direct: true,
  });

describe('LatestReader', () => {
  it(
    'tells the last of each subject and what comes, all anew when the connection or the stream was lost',
    async () => {
      await make();
      for (const [key, value] of ['a1', 'b1', 'a2', 'm1']) await put(key!, value!);
      let told: string[] = [];
      let beginnings = 0;
      const reader = new LatestReader(bus, {
        name: 'keys',
        stream: 'KEYS',
        filter: 'keys.>',
        onBegin: () => {
          beginnings += 1;
          told = [];
        },
        onMessage: ({ subject, data }) => void told.push(`${subject} ${Buffer.from(data).toString()}`),
      });
      await until('what is there', () => told.length === 3);
      expect(told).toEqual(['keys.b 1', 'keys.a 2', 'keys.m 1']);
      await put('b', '2');
      await until('what comes', () => told.length === 4);

      await server.kill();
      await server.start();
      await until('a new beginning', () => beginnings > 1 && told.length === 3);
      expect(told).toEqual(['keys.a 2', 'keys.m 1', 'keys.b 2']);

      await bus.manager.streams.delete('KEYS');
      await make();
      await put('a', '9');
      await until('the new stream from its beginning', () => told.join() === 'keys.a 9');
      await reader.stop();
      const { state } = await bus.manager.streams.info('KEYS');
      expect(state.consumer_count).toBe(0);
    },
    TEST_MS,
  );
});

describe('getLastAlone', () => {
  it(
    'reads the last message of a subject, and nothing where there is none',
    async () => {
      await put('x', '1');
      const seq = ((await put('x', '2')) as { seq: number }).seq;
      expect(await getLastAlone(bus, 'KEYS', 'keys.x')).toMatchObject({
        seq,
        subject: 'keys.x',
        data: Buffer.from('2'),
      });
      expect(await getLastAlone(bus, 'KEYS', 'keys.none')).toBeUndefined();
      await expect(getLastAlone(bus, 'NONE', 'keys.x')).rejects.toMatchObject({ code: 'nats-unavailable' });
    },
    TEST_MS,
  );
});

describe('askAll', () => {
  it('gives the answers of all who answer, without refusals', async () => {
    const answer = (body: string) =>
      bus.connection.subscribe('question', { callback: (_error, message) => void message.respond(body) });
    expect(await bus.askAll('question', {}, 1000)).toEqual([]);
    const answering = ['{"n":1}', '{"error":{"code":"internal","message":"no"}}', '{"n":2}'].map(answer);
    expect(await bus.askAll('question', {}, 5000)).toEqual([{ n: 1 }, { n: 2 }]);
    for (const one of answering) one.unsubscribe();
  });
});

describe('untilStream', () => {
  it('waits until the stream is there, or the wait is ended', async () => {
    const ended = new AbortController();
    const [one, other] = [untilStream(bus, 'LATER', ended.signal), untilStream(bus, 'NEVER', ended.signal)];
    await bus.manager.streams.add({ name: 'LATER', subjects: ['later'] });
    expect(await one).toBe(true);
    ended.abort();
    expect(await other).toBe(false);
  });
});
