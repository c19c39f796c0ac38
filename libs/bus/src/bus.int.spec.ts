import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CodedError, type DeadLetter } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, Payload } from '@nestjs/microservices';
import { DiscardPolicy } from 'nats';
import {
  Bus,
  ensureStream,
  Follower,
  getBySeq,
  getLast,
  JetStreamServer,
  MessageController,
  OnRequest,
  OnStream,
  RetryLater,
  STREAM_DEFINITIONS,
  StreamContext,
  type StreamMessage,
  WrongSequenceError,
} from './index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let directory: string;
let server: EmbeddedServer;
let bus: Bus;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-bus-'));
  server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  for (const definition of Object.values(STREAM_DEFINITIONS))
    await ensureStream(bus.manager, definition, bus.log);
}, 300_000);

afterAll(async () => {
  await bus.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

describe('Publisher', () => {
  it('demands the last sequence of a subject and says so when it does not hold', async () => {
    const { seq } = await bus.publisher.publishJson('journal.a', { n: 1 }, { expectLastSubjectSeq: 0 });
    await expect(
      bus.publisher.publishJson('journal.a', { n: 2 }, { expectLastSubjectSeq: 0 }),
    ).rejects.toThrow(WrongSequenceError);
    await bus.publisher.publishJson('journal.a', { n: 2 }, { expectLastSubjectSeq: seq });
    const last = await getLast(bus, 'JOURNAL', 'journal.a');
    expect(Buffer.from(last!.data).toString()).toBe('{"n":2}');
  });

  it('stores a message id once', async () => {
    const first = await bus.publisher.publishJson('journal.b', { n: 1 }, { msgId: 'same' });
    const second = await bus.publisher.publishJson('journal.b', { n: 1 }, { msgId: 'same' });
    expect(second).toEqual({ stream: 'JOURNAL', seq: first.seq, duplicate: true });
  });

  it('takes any text for a message id but one that would begin another header', async () => {
    const msgId = 'ä: "b"; c';
    const { seq } = await bus.publisher.publishJson('journal.d', { n: 1 }, { msgId });
    const last = await getLast(bus, 'JOURNAL', 'journal.d');
    expect([last?.seq, last?.headers?.get('Nats-Msg-Id')]).toEqual([seq, msgId]);
    const two = 'a\r\nNats-Rollup: all';
    expect(() => bus.publisher.publishJson('journal.d', { n: 2 }, { msgId: two })).toThrow(RangeError);
  });

  it('refuses what the server would refuse, and what no stream takes', async () => {
    const huge = new Uint8Array(9 * 1024 * 1024);
    await expect(bus.publisher.publish('journal.c', huge)).rejects.toMatchObject({ code: 'too-large' });
    await expect(bus.publisher.publishJson('nowhere.c', {})).rejects.toMatchObject({
      code: 'nats-unavailable',
    });
  });
});

describe('ensureStream', () => {
  const told: unknown[] = [];
  const log = { info: (fields: object) => void told.push(fields) };

  it('X22 brings back what we rest on, with a line for each, and leaves the rest to the operator', async () => {
    const { dead } = STREAM_DEFINITIONS;
    const before = await ensureStream(bus.manager, dead, log);
    expect((await ensureStream(bus.manager, dead, log)).created).toBe(before.created);
    expect(told).toEqual([]);
    const operators = { max_bytes: 1_000_000, max_age: 3_600_000_000_000, description: 'letters' };
    await bus.manager.streams.update('DEAD', {
      ...operators,
      discard: DiscardPolicy.New,
      duplicate_window: 1e9,
    });
    const { config } = await ensureStream(bus.manager, dead, log);
    expect(config).toMatchObject({ ...operators, discard: 'old', duplicate_window: dead.duplicate_window });
    expect(told).toEqual([
      { stream: 'DEAD', field: 'discard', from: 'new', to: 'old' },
      { stream: 'DEAD', field: 'duplicate_window', from: 1e9, to: dead.duplicate_window },
    ]);
    const { max_bytes, max_age } = dead;
    await bus.manager.streams.update('DEAD', { max_bytes: max_bytes!, max_age: max_age! });
  });
});

describe('Follower', () => {
  it('reads in order without gap or repeat while the server is killed and comes back', async () => {
    const seen: number[] = [];
    const follower = new Follower(bus, {
      name: 'test',
      stream: 'ACTIVITY',
      filter: 'activity.test',
      fromSeq: 1,
      onBatch: (batch) => {
        seen.push(...batch.map(({ data }) => Number(Buffer.from(data).toString())));
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    const send = (n: number): Promise<unknown> =>
      until(
        `message ${n} to be stored`,
        () =>
          bus.publisher.publish('activity.test', Buffer.from(String(n)), { msgId: `m${n}`, timeoutMs: 500 }),
        20_000,
      );
    for (let n = 0; n < 60; n += 1) {
      if (n === 20 || n === 40) process.kill(server.pid()!, 'SIGKILL');
      await send(n);
    }
    await until('everything to be read', () => seen.length >= 60, 20_000);
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => n));
    await follower.stop();
  }, 300_000);

  it.each([1, 2, 3, 4, 5, 8])('handles all of %i messages that are there at the start', async (count) => {
    const subject = `activity.count${count}`;
    for (let n = 0; n < count; n += 1) await bus.publisher.publishJson(subject, { n });
    let handled = 0;
    const follower = new Follower(bus, {
      name: 'test',
      stream: 'ACTIVITY',
      filter: subject,
      fromSeq: 1,
      onBatch: (batch) => {
        handled += batch.length;
        return Promise.resolve();
      },
    });
    await follower.caughtUp;
    expect(handled).toBe(count);
    await follower.stop();
  });

  it('gives a failing batch again until it is handled', async () => {
    const tries: StreamMessage[][] = [];
    const follower = new Follower(bus, {
      name: 'test',
      stream: 'ACTIVITY',
      filter: 'activity.again',
      fromSeq: 1,
      onBatch: (batch) => {
        tries.push([...batch]);
        return tries.length < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve();
      },
    });
    const { seq } = await bus.publisher.publishJson('activity.again', {});
    await until('the batch to be handled', () => follower.position === seq);
    expect(tries.map((batch) => batch.map((message) => message.seq))).toEqual([[seq], [seq], [seq]]);
    await follower.stop();
  });
});

describe('getBySeq', () => {
  it('reads stored messages and tells which are gone', async () => {
    const { seq } = await bus.publisher.publishJson('activity.direct', { here: true });
    const [there, gone] = await getBySeq(bus, 'ACTIVITY', [seq, seq + 1_000_000]);
    expect(there).toMatchObject({ seq, subject: 'activity.direct' });
    expect(gone).toBeUndefined();
  });
});

describe('JetStreamServer', () => {
  const handled: string[] = [];
  let running = 0;
  let most = 0;
  let release: () => void = () => undefined;
  let gate: Promise<void> | undefined;

  @MessageController()
  class Handlers {
    @OnStream('work')
    async work(@Payload() data: Uint8Array, @Ctx() context: StreamContext): Promise<void> {
      const text = Buffer.from(data).toString();
      most = Math.max(most, ++running);
      try {
        await gate;
        if (text === 'poison') throw new CodedError('poison-message', 'cannot be read');
        if (text === 'later' && context.message.info.redeliveryCount < 3) throw new RetryLater(10);
        if (text === 'fault' && context.message.info.redeliveryCount < 2)
          throw new Error('the database is away');
        handled.push(text);
      } finally {
        running -= 1;
      }
    }

    @OnRequest('ask.test.double')
    double(@Payload() data: Uint8Array): { doubled: number } {
      const number = Number(Buffer.from(data).toString());
      if (Number.isNaN(number)) throw new CodedError('bad-grammar', 'send a number');
      return { doubled: number * 2 };
    }

    @OnRequest('ask.test.text')
    text(@Payload() data: Uint8Array): { text: string } {
      return { text: 'x'.repeat(Number(Buffer.from(data).toString())) };
    }
  }

  @Module({ controllers: [Handlers] })
  class TestModule {}

  let transport: JetStreamServer;
  let app: { close(): Promise<void> };
  const send = (text: string): Promise<unknown> =>
    bus.publisher.publish('events.test.work', Buffer.from(text));
  const bind = (): Promise<void> =>
    transport.bind({
      handler: 'work',
      service: 'test',
      stream: 'INTAKE',
      durable: 'test-work',
      filter: 'events.test.>',
      description: 'test: works',
      concurrency: 3,
      ackWaitMs: 600,
    });

  beforeAll(async () => {
    transport = new JetStreamServer(bus);
    const service = await NestFactory.createMicroservice(TestModule, { strategy: transport, logger: false });
    await service.listen();
    app = service;
    await bind();
  });

  afterAll(() => app.close());

  beforeEach(() => void handled.splice(0));

  it('acks what was handled, and gives back what shall come later or failed by a fault', async () => {
    for (const text of ['a', 'later', 'fault', 'b']) await send(text);
    await until('all to be handled', () => handled.length === 4);
    expect([...handled].sort()).toEqual(['a', 'b', 'fault', 'later']);
    await until(
      'nothing to be pending',
      async () => (await bus.manager.streams.info('INTAKE')).state.messages === 0,
    );
  });

  it('X27 tells the first of many dead letters only', async () => {
    const told: object[] = [];
    const warn = bus.log.warn;
    const watched = jest.spyOn(bus.log, 'warn').mockImplementation((fields, message) => {
      told.push({ ...fields, message });
      warn(fields, message);
    });
    for (let n = 0; n < 20; n += 1) await send('poison');
    await until(
      'all to be gone',
      async () => (await bus.manager.streams.info('INTAKE')).state.messages === 0,
    );
    watched.mockRestore();
    expect(told).toEqual([
      expect.objectContaining({ stream: 'INTAKE', code: 'poison-message', message: 'dead letter' }),
    ]);
  });

  it('turns poison into one dead letter and goes on', async () => {
    await send('poison');
    await send('after');
    await until('the next one', () => handled.includes('after'));
    const letter = await until('a dead letter', () => getLast(bus, 'DEAD', 'dead.test.poison-message'));
    expect(JSON.parse(Buffer.from(letter.data).toString()) as DeadLetter).toMatchObject({
      service: 'test',
      subject: 'events.test.work',
      data: 'poison',
      error: { code: 'poison-message' },
    });
    await until('it to be gone', async () => (await bus.manager.streams.info('INTAKE')).state.messages === 0);
  });

  it('keeps long work alone: beats hold the message, concurrency holds', async () => {
    most = 0;
    gate = new Promise((resolve) => (release = resolve));
    for (let n = 0; n < 6; n += 1) await send(`slow${n}`);
    await until('three to be in work', () => running === 3);
    const waited = Date.now();
    await until('twice the ack wait', () => Date.now() - waited > 1300);
    release();
    await until('all six', () => handled.length === 6);
    gate = undefined;
    expect(new Set(handled).size).toBe(6);
    expect(most).toBe(3);
  });

  it('drains: what is in work finishes, the rest is for the next instance', async () => {
    gate = new Promise((resolve) => (release = resolve));
    for (let n = 0; n < 10; n += 1) await send(`drain${n}`);
    await until('work', () => running === 3);
    const drained = transport.unbind('test-work');
    release();
    gate = undefined;
    await drained;
    expect(handled.length).toBeLessThan(10);
    await bind();
    await until('the rest', () => new Set(handled).size === 10);
    expect(handled.length).toBe(10);
  });

  it('answers requests, errors with their code', async () => {
    await expect(bus.ask('ask.test.double', 21, 1000)).resolves.toEqual({ doubled: 42 });
    await expect(bus.ask('ask.test.double', 'x', 1000)).rejects.toMatchObject({ code: 'bad-grammar' });
    await expect(bus.ask('ask.nobody.home', {}, 1000)).resolves.toBeUndefined();
  });

  it('refuses an answer that is larger than one message', async () => {
    const around = '{"text":""}'.length;
    const most = bus.maxBytes - around;
    await expect(bus.ask<{ text: string }>('ask.test.text', most, 5000)).resolves.toHaveProperty(
      'text.length',
      most,
    );
    await expect(bus.ask('ask.test.text', most + 1, 5000)).rejects.toMatchObject({
      code: 'result-too-large',
    });
  });
});
