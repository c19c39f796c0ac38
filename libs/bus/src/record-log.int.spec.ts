import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NatsProcess, until } from '@signalbox/testing';
import {
  BATCH_BOUNDS,
  Bus,
  ensureStream,
  Follower,
  RecordLog,
  STREAM_DEFINITIONS,
  WrongSequenceError,
} from './index.js';

/** Our records: numbered, some with much to say. */
interface Item {
  readonly n: number;
  readonly text?: string;
}

/** A message of the stream: its subject, and the numbers of its records. */
type Message = readonly [subject: string, ...numbers: number[]];

const ONE = 'activity.test.one';
const TWO = 'activity.test.two';
const errors: string[] = [];
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (_fields: object, message: string) => void errors.push(message),
};
let directory: string;
let nats: NatsProcess;
let bus: Bus;

function items(from: number, to: number, text?: string): Item[] {
  return Array.from({ length: to - from + 1 }, (_, at) => ({ n: from + at, ...(text && { text }) }));
}

/** Everything in the stream, in order. */
async function stored(): Promise<Message[]> {
  const found: Message[] = [];
  const follower = new Follower(bus, {
    name: 'reader',
    stream: 'ACTIVITY',
    fromSeq: 1,
    onBatch: (batch) => {
      for (const { subject, data } of batch) {
        const { records } = JSON.parse(Buffer.from(data).toString()) as { records: Item[] };
        found.push([subject, ...records.map(({ n }) => n)]);
      }
      return Promise.resolve();
    },
  });
  await follower.caughtUp;
  await follower.stop();
  return found;
}

// a server of its own for each test: a stream made again under the name of a deleted one may find its files
beforeEach(async () => {
  errors.splice(0);
  directory = await mkdtemp(join(tmpdir(), 'signalbox-records-'));
  nats = await NatsProcess.prepare(directory, []);
  nats.spawn();
  bus = await Bus.connect({ url: nats.url, name: 'test', log });
  await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, log);
}, 60_000);

afterEach(async () => {
  await bus.close();
  await nats.kill();
  await rm(directory, { recursive: true, force: true });
});

describe('a log of records', () => {
  it('writes what is appended together as one message, and what waits meanwhile as the next', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    const first = [records.append(ONE, items(1, 2)), records.append(ONE, items(3, 3))];
    expect(await Promise.all(first)).toEqual([1, 1]);
    const one = records.append(ONE, items(4, 4));
    await Promise.resolve();
    await Promise.resolve();
    const rest = [5, 6, 7].map((n) => records.append(ONE, items(n, n)));
    expect(await Promise.all([one, ...rest])).toEqual([2, 3, 3, 3]);
    expect(await stored()).toEqual([
      [ONE, 1, 2, 3],
      [ONE, 4],
      [ONE, 5, 6, 7],
    ]);
    await records.stop();
  });

  it('keeps the order of what is appended, also across subjects', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    await Promise.all(
      [ONE, ONE, TWO, ONE, TWO, TWO].map((subject, at) => records.append(subject, items(at, at))),
    );
    expect(await stored()).toEqual([
      [ONE, 0, 1],
      [TWO, 2],
      [ONE, 3],
      [TWO, 4, 5],
    ]);
    await records.stop();
  });

  it('splits what is too much for one message, in order', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    const many = BATCH_BOUNDS.records + 5;
    expect(await records.append(ONE, items(1, many))).toBe(2);
    const large = 'x'.repeat(records.maxRecordBytes / 2 - 100);
    expect(await records.append(ONE, items(1, 3, large))).toBe(4);
    expect((await stored()).map((message) => message.length - 1)).toEqual([BATCH_BOUNDS.records, 5, 2, 1]);
    await records.stop();
  });

  it('refuses a record that no message can hold, and stores nothing of what came with it', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    const text = 'x'.repeat(records.maxRecordBytes);
    await expect(records.append(ONE, [{ n: 1 }, { n: 2, text }])).rejects.toMatchObject({
      code: 'too-large',
    });
    expect(await records.append(ONE, items(3, 3))).toBe(1);
    await records.stop();
  });

  it('goes on behind what is there, and stores once what it sends twice because an ack was lost', async () => {
    const before = new RecordLog<Item>(bus, 'ACTIVITY');
    await before.append(ONE, items(1, 1));
    await before.stop();
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    const publish = bus.publisher.publish.bind(bus.publisher);
    let sent = 0;
    const lossy = jest.spyOn(bus.publisher, 'publish').mockImplementation(async (...args) => {
      const ack = await publish(...args);
      if (++sent === 1) throw new WrongSequenceError('as if the first ack was lost, and its id forgotten');
      return ack;
    });
    expect(await records.append(ONE, items(2, 2))).toBe(2);
    lossy.mockRestore();
    expect(await stored()).toEqual([
      [ONE, 1],
      [ONE, 2],
    ]);
    expect(errors).toEqual([]);
    await records.stop();
  });

  it('says that somebody else wrote, and goes on behind it', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    await records.append(ONE, items(1, 1));
    await bus.publisher.publishJson(ONE, { records: items(99, 99) });
    expect(await records.append(ONE, items(2, 2))).toBe(3);
    expect(errors).toEqual(['somebody else wrote on a subject that is ours alone']);
    await records.stop();
  });

  it('waits for NATS, and has everything stored once when it is back', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    await records.append(ONE, items(1, 1));
    await nats.kill();
    await until('the loss to be noticed', () => !bus.isUp);
    const waiting = [2, 3].map((n) => records.append(ONE, items(n, n)));
    nats.spawn();
    await Promise.all([...waiting, records.idle()]);
    expect((await stored()).flatMap(([, ...numbers]) => numbers)).toEqual([1, 2, 3]);
    await records.stop();
  }, 60_000);

  it('gives up at a stop what NATS does not take', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    await nats.kill();
    await until('the loss to be noticed', () => !bus.isUp);
    const waiting = records.append(ONE, items(1, 1));
    const failed = expect(waiting).rejects.toMatchObject({ code: 'nats-unavailable' });
    await records.stop();
    await failed;
    await expect(records.allStored()).rejects.toMatchObject({ code: 'nats-unavailable' });
    await expect(records.append(ONE, items(2, 2))).rejects.toMatchObject({ code: 'nats-unavailable' });
    nats.spawn();
    await until('NATS to be back', () => bus.isUp);
  }, 60_000);

  it('gives up at a stop what NATS does not answer', async () => {
    const records = new RecordLog<Item>(bus, 'ACTIVITY');
    await records.append(ONE, items(1, 1));
    nats.hang();
    try {
      const waiting = records.append(ONE, items(2, 2));
      const failed = expect(waiting).rejects.toThrow('stopped before the records were stored');
      await records.stop(0);
      await failed;
      await expect(records.allStored()).rejects.toMatchObject({ code: 'nats-unavailable' });
    } finally {
      nats.goOn();
    }
  }, 60_000);
});
