import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { CodedError, type DeadLetter } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import type { JsMsg, Msg } from 'nats';
import {
  Bus,
  ensureStream,
  getLast,
  JetStreamServer,
  MessageBatch,
  MessageController,
  OnRequestBatch,
  OnStreamBatch,
  RetryLater,
  STREAM_DEFINITIONS,
} from './index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ACK_WAIT_MS = 600;
const CONCURRENCY = 20;

/** Texts of the batches as they came, and of the messages that were handled. */
let batches: string[][] = [];
let handled: string[] = [];
let running = 0;
let most = 0;
let gate: Promise<void> | undefined;
let isAway = false;

@MessageController()
class Handlers {
  @OnStreamBatch('work')
  async work(@Payload() batch: MessageBatch<JsMsg>): Promise<void> {
    batches.push(batch.messages.map((message) => message.string()));
    most = Math.max(most, (running += batch.messages.length));
    try {
      await gate;
      if (isAway) throw new Error('the database is away');
      for (const message of batch.messages) {
        const text = message.string();
        if (text === 'poison') batch.failed(message, new CodedError('poison-message', 'cannot be read'));
        else if (text === 'later' && message.info.redeliveryCount < 3)
          batch.failed(message, new RetryLater(10));
        else if (text === 'fault' && message.info.redeliveryCount < 2)
          batch.failed(message, new Error('the database is away'));
        else {
          handled.push(text);
          // every other one is left to the end of this handler
          if (handled.length % 2 === 0) batch.handled(message);
        }
      }
    } finally {
      running -= batch.messages.length;
    }
  }

  @OnRequestBatch('ask.batches.double')
  double(@Payload() batch: MessageBatch<Msg>): void {
    batches.push(batch.messages.map((message) => message.string()));
    for (const message of batch.messages) {
      const number = Number(message.string());
      if (number < 0) throw new Error('nobody thought of that');
      if (Number.isNaN(number)) batch.failed(message, new CodedError('bad-grammar', 'send a number'));
      else if (number > 0) batch.handled(message, { doubled: number * 2 });
    }
  }
}

@Module({ controllers: [Handlers] })
class TestModule {}

let directory: string;
let server: EmbeddedServer;
let bus: Bus;
let transport: JetStreamServer;
let app: { close(): Promise<void> };

const bind = (): Promise<void> =>
  transport.bind({
    ...{
      handler: 'work',
      service: 'test',
      stream: 'INTAKE',
      durable: 'test-batches',
      filter: 'events.test.>',
      description: 'test: works',
    },
    ...{ concurrency: CONCURRENCY, ackWaitMs: ACK_WAIT_MS },
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-batches-'));
  server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  for (const definition of [STREAM_DEFINITIONS.intake, STREAM_DEFINITIONS.dead])
    await ensureStream(bus.manager, definition, bus.log);
  transport = new JetStreamServer(bus);
  const service = await NestFactory.createMicroservice(TestModule, { strategy: transport, logger: false });
  await service.listen();
  app = service;
  await bind();
}, 300_000);

afterAll(async () => {
  await app.close();
  await bus.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(() => {
  [batches, handled, most, gate, isAway] = [[], [], 0, undefined, false];
});

const send = async (...texts: string[]): Promise<void> => {
  await Promise.all(texts.map((text) => bus.publisher.publish('events.test.work', Buffer.from(text))));
};
const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));
const nothingLeft = (): Promise<unknown> =>
  until('nothing to be left', async () => (await bus.manager.streams.info('INTAKE')).state.messages === 0);

describe('a stream handler of batches', () => {
  it('gets what came together in order, and every message ends by itself', async () => {
    await transport.unbind('test-batches');
    await send('a', 'later', 'poison', 'fault', 'b');
    await bind();
    await nothingLeft();
    expect(batches[0]).toEqual(['a', 'later', 'poison', 'fault', 'b']);
    expect(handled.slice(0, 2)).toEqual(['a', 'b']);
    expect([...handled].sort()).toEqual(['a', 'b', 'fault', 'later']);
    const letter = await until('a dead letter', () => getLast(bus, 'DEAD', 'dead.test.poison-message'));
    expect(JSON.parse(Buffer.from(letter.data).toString()) as DeadLetter).toMatchObject({
      ...{ service: 'test', subject: 'events.test.work', data: 'poison', deliveries: 1 },
      error: { code: 'poison-message' },
    });
  });

  it('that throws gets the messages that it had not settled again, and says so once', async () => {
    const told: object[] = [];
    const error = jest.spyOn(bus.log, 'error').mockImplementation((fields) => void told.push(fields));
    isAway = true;
    await send(...numbers(5));
    await until('a second attempt', () => batches.flat().length > 5);
    isAway = false;
    await nothingLeft();
    error.mockRestore();
    expect([...handled].sort()).toEqual(numbers(5));
    expect(told).toHaveLength(1);
  });

  it('keeps long work alone: beats hold the messages, concurrency holds, batches do not wait for each other', async () => {
    let release: () => void = () => undefined;
    gate = new Promise((resolve) => (release = resolve));
    await send('first');
    await until('the first batch', () => batches.length === 1);
    await send(...numbers(2 * CONCURRENCY));
    await until('all that may be in work', () => running === CONCURRENCY);
    const waited = Date.now();
    await until('twice the ack wait', () => Date.now() - waited > 2 * ACK_WAIT_MS);
    gate = undefined;
    release();
    await nothingLeft();
    expect([...handled].sort()).toEqual(['first', ...numbers(2 * CONCURRENCY)].sort());
    expect(most).toBe(CONCURRENCY);
  });

  it('drains: what is in work finishes, the rest is for the next instance', async () => {
    let release: () => void = () => undefined;
    gate = new Promise((resolve) => (release = resolve));
    await send(...numbers(3 * CONCURRENCY));
    await until('work', () => running === CONCURRENCY);
    const drained = transport.unbind('test-batches');
    gate = undefined;
    release();
    await drained;
    expect(handled.length).toBeLessThan(3 * CONCURRENCY);
    await bind();
    await nothingLeft();
    expect([...handled].sort()).toEqual(numbers(3 * CONCURRENCY).sort());
  });
});

describe('a request handler of batches', () => {
  const ask = (body: unknown): Promise<unknown> =>
    bus.ask('ask.batches.double', body, 5000).catch((error: unknown) => (error as CodedError).code);

  it('gets what came together, and answers each by itself', async () => {
    await expect(Promise.all([ask(21), ask('x'), ask(0), ask(4)])).resolves.toEqual([
      ...[{ doubled: 42 }, 'bad-grammar', null, { doubled: 8 }],
    ]);
    expect(batches).toEqual([['21', '"x"', '0', '4']]);
  });

  it('that throws has said what it had said; to the rest it is internal, and logged', async () => {
    const told: object[] = [];
    const error = jest.spyOn(bus.log, 'error').mockImplementation((fields) => void told.push(fields));
    await expect(Promise.all([ask(1), ask(-1), ask(2)])).resolves.toEqual([
      ...[{ doubled: 2 }, 'internal', 'internal'],
    ]);
    error.mockRestore();
    expect(told).toHaveLength(2);
  });
});
