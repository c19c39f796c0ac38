import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { until } from '@signalbox/testing';
import {
  Bus,
  ensureStream,
  FencedWriter,
  Follower,
  getLast,
  QUEUED_PER_SUBJECT,
  STREAM_DEFINITIONS,
} from './index.js';

/** A count of some thing: `from` is what it was before. */
interface Count {
  readonly thing: string;
  readonly from: number;
  readonly to: number;
  readonly note?: string;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
let directory: string;
let server: EmbeddedServer;
let bus: Bus;

function subjectOf({ thing }: Pick<Count, 'thing'>): string {
  return `activity.count.${thing}`;
}

function writer(through = bus): FencedWriter<Count> {
  return new FencedWriter<Count>(through, {
    stream: 'ACTIVITY',
    subjectOf,
    idOf: ({ thing, to }) => `${thing}:${to}`,
    merge: (older, newer) => ({ ...newer, from: older.from }),
  });
}

/** Everything that was appended about a thing, in order. */
async function stored(thing: string): Promise<Count[]> {
  const found: Count[] = [];
  const follower = new Follower(bus, {
    name: `reader of ${thing}`,
    stream: 'ACTIVITY',
    filter: subjectOf({ thing }),
    fromSeq: 1,
    onBatch: (batch) => {
      for (const { data } of batch) found.push(JSON.parse(Buffer.from(data).toString()) as Count);
      return Promise.resolve();
    },
  });
  await follower.caughtUp;
  await follower.stop();
  return found;
}

function steps(thing: string, count: number): Count[] {
  return Array.from({ length: count }, (_one, n) => ({ thing, from: n, to: n + 1 }));
}

describe('FencedWriter', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signalbox-fenced-'));
    server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
    bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
  }, 300_000);

  afterAll(async () => {
    await bus.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('appends the records of a subject in order, whatever else is written', async () => {
    const records = writer();
    const all = ['a', 'b', 'c'].flatMap((thing) => steps(thing, 10));
    await Promise.all(all.map((record) => records.append(record)));
    for (const thing of ['a', 'b', 'c']) expect(await stored(thing)).toEqual(steps(thing, 10));
    expect(records.waiting).toBe(0);
    expect(records.lastSeq).toBe((await getLast(bus, 'ACTIVITY', 'activity.count.c'))?.seq);
  });

  it('goes on where an earlier process left off, and finds the place when it was told a wrong one', async () => {
    const [first, second, third] = steps('d', 3);
    const seq = await writer().append(first!);
    const next = writer();
    next.resume(subjectOf({ thing: 'd' }), seq);
    await next.append(second!);
    const lost = writer();
    lost.resume(subjectOf({ thing: 'd' }), 1);
    await lost.append(third!);
    expect(await stored('d')).toEqual(steps('d', 3));
  });

  it('goes on where its records were purged meanwhile, and takes nobody for another writer', async () => {
    const errors: string[] = [];
    const log = { ...silent, error: (_fields: object, message: string) => void errors.push(message) };
    const loud = await Bus.connect({ url: server.url, name: 'test', log });
    const [first, second] = steps('p', 2);
    const records = writer(loud);
    await records.append(first!);
    await bus.manager.streams.purge('ACTIVITY', { filter: subjectOf({ thing: 'p' }) });
    await records.append(second!);
    expect(await stored('p')).toEqual([second]);
    expect(errors).toEqual([]);
    await loud.close();
  });

  it('takes a record that is there already for stored: its ack was lost', async () => {
    const [record] = steps('e', 1);
    const seq = await writer().append(record!);
    expect(await writer().append(record!)).toBe(seq);
    expect(await stored('e')).toHaveLength(1);
  });

  it.each([
    ['big', 'over what the server takes', 1],
    ['bigger-with-headers', 'that fits, but not with its headers', 0],
  ])('drops a record (%s) %s, says so once, and goes on', async (thing, _what, over) => {
    const errors: object[] = [];
    const log = { ...silent, error: (fields: object) => void errors.push(fields) };
    const loud = await Bus.connect({ url: server.url, name: 'test', log });
    const [first, second, third] = steps(thing, 3);
    const limit = loud.connection.info!.max_payload;
    const empty = JSON.stringify({ ...second, note: '' }).length;
    const huge = { ...second!, note: 'n'.repeat(limit + over - empty) };
    const records = writer(loud);
    const [one, two, three] = await Promise.allSettled([first!, huge, third!].map((r) => records.append(r)));
    expect([one?.status, three?.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(two).toMatchObject({ status: 'rejected', reason: { code: 'too-large' } });
    expect(records.waiting).toBe(0);
    expect(await stored(thing)).toEqual([first, third]);
    expect(errors).toEqual([
      { subject: subjectOf({ thing }), reason: expect.stringContaining('max_payload') as unknown },
    ]);
    await loud.close();
  });

  it('waits while NATS is away, keeps what fits, and merges the rest into the newest', async () => {
    const records = writer();
    await records.append(steps('f', 1)[0]!);
    const all = steps('f', QUEUED_PER_SUBJECT + 30).slice(1);
    process.kill(server.pid()!, 'SIGSTOP');
    const appended = all.map((record) => records.append(record));
    expect(records.waiting).toBe(QUEUED_PER_SUBJECT);
    process.kill(server.pid()!, 'SIGCONT');
    await Promise.all(appended);
    const found = await stored('f');
    expect(found).toHaveLength(1 + QUEUED_PER_SUBJECT);
    // no step is missing: each begins where the one before ended
    for (const [index, { from }] of found.entries()) expect(from).toBe(found[index - 1]?.to ?? 0);
    expect(found.at(-1)?.to).toBe(QUEUED_PER_SUBJECT + 30);
  });

  it('survives a killed server: every record is stored once and in order', async () => {
    const records = writer();
    const count = 300;
    const things = Array.from({ length: count }, (_one, n) => `g${n}`);
    const appended = things.flatMap((thing) => steps(thing, 2).map((record) => records.append(record)));
    process.kill(server.pid()!, 'SIGKILL');
    await Promise.all(appended);
    for (const thing of ['g0', 'g150', 'g299']) expect(await stored(thing)).toEqual(steps(thing, 2));
  }, 300_000);

  it('gives up what waits when it is stopped', async () => {
    const records = writer();
    process.kill(server.pid()!, 'SIGSTOP');
    const appended = steps('h', 3).map((record) => records.append(record));
    const results = Promise.allSettled(appended);
    records.stop();
    process.kill(server.pid()!, 'SIGCONT');
    const rejected = (await results).filter(({ status }) => status === 'rejected');
    expect(rejected.length).toBeGreaterThanOrEqual(2);
    await until('nothing to wait', () => records.waiting === 0);
  });
});
