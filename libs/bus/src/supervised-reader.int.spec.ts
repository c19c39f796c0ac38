import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NatsProcess, until } from '@signalbox/testing';
import type { Consumer, JsMsg } from 'nats';
import { Bus, ensureDurable, ensureStream, Follower, STREAM_DEFINITIONS, WorkConsumer } from './index.js';
import { SupervisedReader } from './supervised-reader.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Milliseconds between a start of the server and its next death: in the handshake, the opening, the pull. */
const LIVES = [0, 5, 20, 60, 130, 280, 300, 330, 360, 420, 350, 310, 15, 290, 345, 400];

describe('a reader whose NATS dies', () => {
  let dir: string;
  let nats: NatsProcess;
  let bus: Bus;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'signalbox-reader-'));
    nats = await NatsProcess.start(dir);
    bus = await Bus.connect({ url: nats.url, name: 'tester', log: silent });
    for (const definition of [STREAM_DEFINITIONS.intake, STREAM_DEFINITIONS.activity])
      await ensureStream(bus.manager, definition, silent);
  }, 60_000);

  afterAll(async () => {
    await bus.close();
    await nats.kill();
    await rm(dir, { recursive: true, force: true });
  });

  const durable = (name: string): Promise<Consumer> =>
    ensureDurable(bus, {
      stream: 'INTAKE',
      durable: name,
      filter: `events.${name}.>`,
      description: 'test: reads',
      concurrency: 1,
      ackWaitMs: 6000,
    });

  async function send(subject: string): Promise<void> {
    await until('the message to be stored', () => bus.publisher.publishJson(subject, {}, { timeoutMs: 500 }));
  }

  async function die(): Promise<void> {
    await nats.kill();
    nats.spawn();
  }

  it('X24 does not wait for an answer that was lost with the connection: it asks again when NATS is back', async () => {
    const seen: JsMsg[] = [];
    let openings = 0;
    const reader = new SupervisedReader(bus, {
      name: 'lost',
      // the first question is on its way when the server dies
      open: () => (++openings === 1 ? new Promise<Consumer>(() => undefined) : durable('lost')),
      onMessage: (message) => {
        message.ack();
        seen.push(message);
      },
    });
    await until('the silence to be told', () => reader.trouble !== undefined);
    expect(reader.trouble).toMatch(/^has nothing asked of NATS for \d+ s$/);
    await die();
    await send('events.lost.a');
    await until('the message', () => seen.length > 0);
    expect(reader.trouble).toBeUndefined();
    await reader.stop();
    expect(bus.readers.size).toBe(0);
  }, 60_000);

  it('X24 has its work however often and quickly NATS is killed, and asks after every return', async () => {
    const worked = new Set<string>();
    const reader = new WorkConsumer(
      bus,
      {
        stream: 'INTAKE',
        durable: 'work',
        filter: 'events.work.>',
        description: 'test: works',
        concurrency: 4,
        ackWaitMs: 6000,
      },
      (message) => {
        worked.add(message.subject);
        message.ack();
        return Promise.resolve();
      },
    );
    let returns = 0;
    const forget = bus.onReconnect(() => void (returns += 1));
    for (const [n, life] of LIVES.entries()) {
      await die();
      await new Promise((resolve) => setTimeout(resolve, life));
      if (n % 4 !== 3) continue;
      await send(`events.work.${n}`);
      await until(`work ${n}`, () => worked.has(`events.work.${n}`), 30_000);
      expect([...bus.readers].map(({ trouble }) => trouble)).toEqual([undefined]);
    }
    forget();
    expect(returns).toBeGreaterThan(3);
    await reader.drain(1000);
  }, 180_000);

  it('X23 has a consumer whose name tells service and purpose', async () => {
    const follow = (service?: string): Follower =>
      new Follower(bus, {
        ...(service && { service }),
        name: 'facts of default',
        stream: 'ACTIVITY',
        fromSeq: 1,
        onBatch: () => Promise.resolve(),
      });
    const followers = [follow(), follow('matcher')];
    await Promise.all(followers.map((one) => one.caughtUp));
    const names = (await bus.manager.consumers.list('ACTIVITY').next()).map(({ name }) => name).sort();
    expect(names).toEqual([
      expect.stringMatching(/^matcher-facts-of-default-[A-Z0-9]{22}$/),
      expect.stringMatching(/^tester-facts-of-default-[A-Z0-9]{22}$/),
    ]);
    await Promise.all(followers.map((one) => one.stop()));
  });
});
