import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Ack, Bus, ensureStream, factsDefinition, type Publisher } from '@signalbox/bus';
import { CodedError, decodeFactRecord, type Fact, type FactRecord, factsStream } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDataSource, factsProjection, migrate, Projector } from '@signalbox/store';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import type { IntakeResult } from './fact-intake.js';
import { GroupIntake, INTAKE_BOUNDS } from './group-intake.js';

/**
 * What becomes of one record on its way: stored and acked; stored, but its ack is lost; lost itself; or refused.
 */
type Fate = 'stored' | 'ack lost' | 'lost' | 'refused';

const T = '2026-05-30T12:00:00Z';
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let directory: string;
let server: EmbeddedServer;
let bus: Bus;
let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-intake-'));
  server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  bus = await Bus.connect({ url: server.url, name: 'test', log: silent });
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, 300_000);

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
  await bus.close();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Lets records through to NATS, or not, as the test says. */
class Road {
  /** Of the records to come, in the order in which they are sent; then all are stored. */
  fates: Fate[] = [];
  /** Ids of the facts that were sent. */
  readonly sent: string[] = [];
  private held: (() => void)[] | undefined;

  constructor(private readonly publisher: Publisher) {}

  async publishJson(...[subject, body, options]: Parameters<Publisher['publishJson']>): Promise<Ack> {
    const { fact } = body as FactRecord;
    this.sent.push(fact.id);
    const fate = this.fates.shift() ?? 'stored';
    const isStored = fate === 'stored' || fate === 'ack lost';
    // the rejection is looked at below; until then somebody may hold it
    const stored = isStored ? this.publisher.publishJson(subject, body, options) : undefined;
    stored?.catch(() => undefined);
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
    if (fate === 'stored') return stored!;
    if (fate === 'ack lost') await stored;
    if (fate === 'refused') throw new CodedError('storage-full', 'no room');
    throw new CodedError('nats-unavailable', 'no ack in time');
  }

  /** Nobody learns what became of records that are sent from now on, until {@link release}. */
  hold(): void {
    this.held = [];
  }

  release(): void {
    for (const resolve of this.held ?? []) resolve();
    this.held = undefined;
  }
}

/** Lets look-ups through to Postgres, when the test wants. */
class LookUps {
  private gate: Promise<void> | undefined;
  private markAsked: () => void = () => undefined;

  async query(statement: string, parameters: unknown[]): Promise<unknown> {
    this.markAsked();
    await this.gate;
    return dataSource.query(statement, parameters);
  }

  /** Holds those to come: tells when there is one, and how to let them go on. */
  hold(): [asked: Promise<void>, goOn: () => void] {
    let goOn: () => void = () => undefined;
    this.gate = new Promise((resolve) => (goOn = resolve));
    const asked = new Promise<void>((resolve) => (this.markAsked = resolve));
    return [asked, goOn];
  }
}

/** What was answered, in the order of the answers. */
type Answer = { readonly id: string } & (
  | { readonly result: IntakeResult; readonly code?: undefined }
  | { readonly code: string; readonly result?: undefined }
);

let groups = 0;
let group: string;
let road: Road;
let lookUps: LookUps;
let intake: GroupIntake;
let projector: Projector;
let answers: Answer[];

beforeEach(open);
afterEach(close);

/** A group of its own: empty stream, empty table. */
async function open(): Promise<void> {
  group = `g${(groups += 1)}`;
  await ensureStream(bus.manager, factsDefinition(group), silent);
  road = new Road(bus.publisher);
  const onRoad = Object.create(bus, { publisher: { value: road } }) as Bus;
  lookUps = new LookUps();
  const query = lookUps.query.bind(lookUps);
  const held = Object.create(dataSource, { query: { value: query } }) as DataSource;
  intake = new GroupIntake(group, onRoad, held, () => Date.now());
  projector = await follow();
  answers = [];
}

function follow(): Promise<Projector> {
  return Projector.start(bus, dataSource, factsProjection(group), (seq) => intake.projected(seq));
}

/** Streams reserve room, so that only a few can be there. */
async function close(): Promise<void> {
  await projector.stop();
  await bus.manager.streams.delete(factsStream(group));
}

function offer(id: string, more: Partial<Fact> = {}, own = true): void {
  const fact: Fact = {
    ...{ id, group, sourceNode: 'node', type: 'host.seen', subject: 'one', dedupeKey: id, payload: {} },
    observedAt: T,
    ...more,
  };
  intake.offer(fact, own, 'request', {
    accepted: (result) => void answers.push({ id, result }),
    refused: (error) => void answers.push({ id, code: (error as CodedError).code }),
  });
}

async function answered(count: number): Promise<void> {
  await until(`${count} answers`, () => answers.length >= count);
}

/** The records of the group's stream. */
async function records(): Promise<(FactRecord & { seq: number })[]> {
  const { state } = await bus.manager.streams.info(factsStream(group));
  const seqs = Array.from({ length: state.last_seq }, (_, n) => n + 1);
  return Promise.all(
    seqs.map(async (seq) => {
      const { data } = await bus.manager.streams.getMessage(factsStream(group), { seq });
      return { ...decodeFactRecord(data), seq };
    }),
  );
}

const ids = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, n) => `${prefix}${n}`);

describe('the next batch', () => {
  it('is decided and sent while the acks of the one before are out, and answered after it', async () => {
    road.hold();
    for (const id of ids('a', 100)) offer(id);
    await until('the first batch to be sent', () => road.sent.length === 100);
    for (const id of ids('b', 100)) offer(id);
    await until('the second one to be sent', () => road.sent.length === 200);
    expect(answers).toEqual([]);
    road.release();
    await answered(200);
    expect(answers.map(({ id }) => id)).toEqual([...ids('a', 100), ...ids('b', 100)]);
    expect(answers.map(({ result }) => result?.seq)).toEqual(Array.from({ length: 200 }, (_, n) => n + 1));
  });

  it.each<Fate>(['stored', 'lost'])('of a few facts waits for an ack; the record was %s', async (fate) => {
    road.fates = [fate];
    road.hold();
    offer('a');
    await until('the first one to be sent', () => road.sent.length === 1);
    for (const id of ids('b', 10)) offer(id);
    offer('a', { payload: { other: 'content' } });
    expect(road.sent).toEqual(['a']);
    road.release();
    await answered(12);
    expect((await records()).map(({ fact }) => fact.id)).toEqual(['a', ...ids('b', 10)]);
    expect(answers.at(-1)).toEqual({ id: 'a', code: 'content-conflict' });
  });

  it('is not sent when a record before it fails while it is looked up', async () => {
    road.fates = ['lost'];
    road.hold();
    for (const id of ids('a', 3)) offer(id);
    await until('the first batch to be sent', () => road.sent.length === 3);
    const [asked, goOn] = lookUps.hold();
    for (const id of ids('b', 70)) offer(id);
    await asked;
    road.release();
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    goOn();
    await answered(73);
    expect(road.sent).toEqual([...ids('a', 3), ...ids('a', 3), ...ids('b', 70)]);
    expect(answers.map(({ id }) => id)).toEqual([...ids('a', 3), ...ids('b', 70)]);
  });
});

describe('what rests on a record without an ack', () => {
  it.each<[Fate, boolean]>([
    ['lost', false],
    ['ack lost', true],
  ])(
    'is answered when it is stored; when that is %s, all of it is decided again',
    async (fate, isDuplicate) => {
      road.fates = ['stored', fate];
      road.hold();
      offer('a');
      offer('b');
      await until('both to be sent', () => road.sent.length === 2);
      offer('b');
      offer('b', { payload: { other: 'content' } });
      for (const id of ids('c', 98)) offer(id);
      await until('all to be sent', () => road.sent.length === 100);
      expect(answers).toEqual([]);
      road.release();
      await answered(102);
      expect((await records()).map(({ fact }) => fact.id)).toEqual(['a', 'b', ...ids('c', 98)]);
      const ofB = answers.filter(({ id }) => id === 'b');
      expect(ofB).toEqual([
        { id: 'b', result: { accepted: true, id: 'b', duplicate: isDuplicate, refreshed: false, seq: 2 } },
        { id: 'b', result: { accepted: true, id: 'b', duplicate: true, refreshed: false, seq: 2 } },
        { id: 'b', code: 'content-conflict' },
      ]);
    },
  );

  it('does not suffer from a record that is refused: the next one has its place', async () => {
    road.fates = ['stored', 'stored', 'refused'];
    for (const id of ids('a', 10)) offer(id);
    await answered(10);
    expect(answers.filter(({ code }) => code !== undefined)).toEqual([{ id: 'a2', code: 'storage-full' }]);
    const stored = ids('a', 10).filter((id) => id !== 'a2');
    expect((await records()).map(({ fact }) => fact.id)).toEqual(stored);
    for (const { id, result } of answers)
      if (result) expect(result).toMatchObject({ duplicate: false, seq: stored.indexOf(id) + 1 });
  });

  it('a refusal for good takes with it nothing that came twice', async () => {
    road.fates = ['refused'];
    road.hold();
    offer('a');
    await until('it to be sent', () => road.sent.length === 1);
    offer('a');
    for (const id of ids('b', 70)) offer(id);
    await until('all to be sent', () => road.sent.length === 71);
    road.release();
    await answered(72);
    expect(answers[0]).toEqual({ id: 'a', code: 'storage-full' });
    expect(answers.find(({ result }) => result?.id === 'a')?.result).toMatchObject({
      duplicate: false,
      seq: 1,
    });
  });
});

it('F9 a table that cannot grow bounds what memory holds: no more facts are taken until it does', async () => {
  jest.replaceProperty(INTAKE_BOUNDS, 'unprojected', 5);
  await projector.stop();
  for (const id of ids('a', 5)) offer(id);
  await answered(5);
  offer('b');
  await answered(6);
  expect(answers[5]).toEqual({ id: 'b', code: 'store-unavailable' });
  projector = await follow();
  await projector.caughtUp;
  offer('b');
  await answered(7);
  expect(answers[6]?.result).toMatchObject({ duplicate: false, seq: 6 });
  jest.restoreAllMocks();
});

it('another writer in between is noticed, and what was decided without its record is decided again', async () => {
  offer('a');
  await answered(1);
  const [first] = await records();
  const { seq: _seq, ...record } = first!;
  const theirs = { ...record, fact: { ...record.fact, id: 'b', dedupeKey: 'b' } };
  await bus.publisher.publishJson(`facts.${group}.own.0.host.seen`, theirs);
  for (const id of ['b', 'c']) offer(id);
  await answered(3);
  const results = answers.slice(1).map(({ result }) => [result?.id, result?.duplicate, result?.seq]);
  expect(results.sort()).toEqual([
    ['b', true, 2],
    ['c', false, 3],
  ]);
});

it('other content from a peer under an id that is not acked yet keeps the first one', async () => {
  const lease = (minute: number): Partial<Fact> => ({
    sourceNode: 'peer',
    expiresAt: `2027-01-01T00:0${minute}:00Z`,
  });
  road.hold();
  offer('a', { ...lease(1), payload: { is: 'first' } }, false);
  await until('it to be sent', () => road.sent.length === 1);
  offer('a', { ...lease(2), payload: { is: 'second' } }, false);
  for (const id of ids('b', 70)) offer(id);
  await until('all to be sent', () => road.sent.length === 71);
  road.release();
  await answered(72);
  expect(answers.find(({ result }) => result?.keptFirst)?.result).toMatchObject({
    id: 'a',
    refreshed: true,
    seq: 72,
  });
  const { fact, version } = (await records()).at(-1)!;
  expect({ ...fact, version }).toMatchObject({ id: 'a', version: 2, payload: { is: 'first' }, ...lease(2) });
});

it('whatever happens on the road, every fact is answered once, stored once, and in the order of the offers', async () => {
  const offers = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 300 });
  const fates = fc.array(
    fc.oneof(
      { weight: 40, arbitrary: fc.constant<Fate>('stored') },
      { weight: 1, arbitrary: fc.constantFrom<Fate>('ack lost', 'lost', 'refused') },
    ),
    { maxLength: 400 },
  );
  const law = fc.asyncProperty(
    offers,
    fates,
    fc.integer({ min: 1, max: 100 }),
    async (numbers, fate, step) => {
      await close();
      await open();
      road.fates = [...fate];
      const offered = numbers.map((n) => `f${n}`);
      for (let at = 0; at < offered.length; at += step) {
        for (const id of offered.slice(at, at + step)) offer(id);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await answered(offered.length);
      expect(answers.map(({ id }) => id).sort()).toEqual([...offered].sort());
      const stored = await records();
      const order = stored.map(({ fact }) => fact.id);
      expect(new Set(order).size).toBe(order.length);
      const accepted = answers.filter(({ result }) => result);
      for (const { id, result } of accepted) expect(order[result!.seq - 1]).toBe(id);
      expect(new Set(accepted.map(({ id }) => id))).toEqual(new Set(order));
      for (const { version, current, change } of stored)
        expect({ version, current, change }).toEqual({ version: 1, current: true, change: 'new' });
      for (const id of new Set(offered)) {
        const ofId = answers.filter((answer) => answer.id === id);
        const firstAccepted = ofId.findIndex(({ result }) => result);
        if (firstAccepted >= 0) expect(ofId.slice(firstAccepted).every(({ result }) => result)).toBe(true);
        expect(ofId.filter(({ result }) => result?.duplicate === false).length).toBeLessThanOrEqual(1);
      }
      if (!fate.includes('refused')) {
        const firsts = [...new Set(offered)];
        expect(order).toEqual(firsts);
        expect(answers.every(({ result }) => result)).toBe(true);
      }
    },
  );
  await fc.assert(law, { numRuns: 30 });
}, 300_000);
