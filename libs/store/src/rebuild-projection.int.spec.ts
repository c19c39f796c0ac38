import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, factsDefinition, STREAM_DEFINITIONS } from '@signalbox/bus';
import { type FactRecord, factKey, factSubject, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import {
  createDataSource,
  factsProjection,
  migrate,
  partsProjection,
  type Projection,
  Projector,
  pruneRows,
  rebuildProjection,
  type RebuildProgress,
  type RebuildReport,
  runsProjection,
  ScratchSpace,
  takeSnapshot,
  verifyProjection,
} from './index.js';
import { accepted, ended, FIRST, planned, started } from './runs/run-records.fixture.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const AT = '2026-05-30T12:00:00.000Z';
const FACTS = factsProjection('default');
const OTHERS = factsProjection('other');
/** So many that a table would be read again for each of them, if it were planned as one without rows. */
const MANY = 3000;
/** At least as many as a pool has. */
const CONNECTIONS = 30;
const never = new AbortController().signal;

let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;
let projectors: Projector[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-rebuild-'));
  [nats, database] = await Promise.all([
    startNats({ stateDir: directory, env: process.env, log: () => undefined }),
    createDatabase(),
  ]);
  bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
  for (const definition of [
    STREAM_DEFINITIONS.activity,
    factsDefinition('default'),
    factsDefinition('other'),
  ])
    await ensureStream(bus.manager, definition, bus.log);
  projectors = [
    await Projector.start(bus, dataSource, FACTS),
    await Projector.start(bus, dataSource, OTHERS),
    await Projector.start(bus, dataSource, [partsProjection, runsProjection]),
  ];
  for (const id of ['a', 'b', 'c']) await storeFact(id);
  await storeFact('b', { version: 2 });
  await storeFact('a', { group: 'other' });
}, 300_000);

afterAll(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  await bus.close();
  await dataSource.destroy();
  await database.drop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Stored, and folded. */
async function storeFact(id: string, { group = 'default', version = 1 } = {}): Promise<number> {
  const fact = {
    id,
    group,
    sourceNode: 'edge-1',
    type: 'host.seen',
    subject: `host ${id}`,
    dedupeKey: id,
    payload: { serial: '1' },
    observedAt: AT,
  };
  const record: FactRecord = {
    ...{ fact, own: true, change: 'new', version, current: true, way: 'rest', acceptedAt: AT },
  };
  const subject = factSubject(group, true, factKey(fact), fact.type);
  const { seq } = await bus.publisher.publishJson(subject, record);
  await folded(`facts.${group}`, seq);
  return seq;
}

async function folded(name: string, seq: number): Promise<void> {
  const projector = projectors.find(({ names }) => names.includes(name))!;
  await until(`${name} at ${seq}`, () => projector.position >= seq);
}

async function append(subject: string, ...records: object[]): Promise<number> {
  return (await bus.publisher.publishJson(subject, { records })).seq;
}

async function rebuild(
  projection: Projection,
  options: { signal?: AbortSignal; onProgress?: (progress: RebuildProgress) => void } = {},
): Promise<RebuildReport> {
  const space = await ScratchSpace.open(bus, dataSource);
  try {
    return await rebuildProjection(space, projection, options.signal ?? never, options.onProgress);
  } finally {
    await space.close();
  }
}

async function differences(projection: Projection): Promise<number> {
  const space = await ScratchSpace.open(bus, dataSource);
  try {
    const { tables } = await verifyProjection(space, projection, never);
    return tables.reduce((sum, table) => sum + table.differences, 0);
  } finally {
    await space.close();
  }
}

/** Rows of `facts` that were ever inserted, and scans of the whole table. */
async function statistics(): Promise<{ inserted: number; scans: number }> {
  const [row] = await dataSource.query<[{ inserted: number; scans: number }]>(
    `select n_tup_ins as inserted, seq_scan as scans from pg_stat_user_tables
      where schemaname = 'public' and relname = 'facts'`,
  );
  return row;
}

/** The statistics that count so many inserts: a connection tells what it did when it does something a second later. */
function counted(inserts: number): Promise<{ scans: number }> {
  return until('the statistics', async () => {
    await Promise.all(Array.from({ length: CONNECTIONS }, () => dataSource.query('select 1')));
    const now = await statistics();
    return now.inserted >= inserts && now;
  });
}

function rows(table: string): Promise<unknown[]> {
  return dataSource.query(`select to_jsonb(t) as row, t.xmin::text as written from ${table} t order by 1`);
}

describe('the rebuild of a projection', () => {
  let before: unknown[];

  beforeEach(async () => {
    before = await rows('facts');
  });

  it('touches no row of what is right, and says how far it is', async () => {
    const told: RebuildProgress[] = [];
    const report = await rebuild(FACTS, { onProgress: (progress) => told.push(progress) });
    expect(report).toEqual({
      ...{ name: 'facts.default', stream: 'FACTS_default', position: 4, records: 4, passedOver: 0 },
      tables: [{ name: 'facts', rows: 3, added: 0, changed: 0, removed: 0 }],
    });
    expect(await rows('facts')).toEqual(before);
    expect(told[0]).toEqual({ from: 0, position: 0, to: 4, records: 0 });
    expect(told.at(-1)).toEqual({ from: 0, position: 4, to: 4, records: 4 });
  });

  it('mends what was changed, lost and made up, and nothing else, nor rows of another group', async () => {
    await dataSource.query(`update facts set subject = 'by hand' where id = 'b' and group_name = 'default'`);
    await dataSource.query(`delete from facts where id = 'c'`);
    await dataSource.query(
      `insert into facts select (jsonb_populate_record(f, '{"id": "d"}')).* from facts f where group_name = 'default' and id = 'a'`,
    );
    const { tables } = await rebuild(FACTS);
    expect(tables).toEqual([{ name: 'facts', rows: 3, added: 1, changed: 1, removed: 1 }]);
    const after = await rows('facts');
    const bare = (list: unknown[]): unknown[] => list.map((one) => (one as { row: unknown }).row);
    expect(bare(after)).toEqual(bare(before));
    const kept = after.filter((one) => before.some((other) => JSON.stringify(other) === JSON.stringify(one)));
    expect(kept).toHaveLength(before.length - 2);
  });

  it('fills a table that was lost, while its service goes on', async () => {
    await dataSource.query(`delete from facts where group_name = 'default'`);
    const meanwhile: Projection = {
      ...FACTS,
      apply: async (batch, tx) => {
        if (batch.some(({ seq }) => seq === 4)) await storeFact('meanwhile');
        await FACTS.apply(batch, tx);
      },
    };
    const { tables, position } = await rebuild(meanwhile);
    expect([position, tables]).toEqual([5, [{ name: 'facts', rows: 4, added: 3, changed: 0, removed: 0 }]]);
    expect(await differences(FACTS)).toBe(0);
  });

  it('reads a table that was lost once, however many rows it had', async () => {
    const { inserted } = await statistics();
    await Promise.all(Array.from({ length: MANY }, (_, n) => storeFact(`many-${n}`)));
    await dataSource.query('truncate facts');
    await dataSource.query('analyze facts'); // as autovacuum does
    const { scans } = await counted(inserted + MANY);
    const { tables } = await rebuild(FACTS);
    await rebuild(OTHERS);
    expect(tables[0]?.added).toBeGreaterThanOrEqual(MANY);
    expect((await counted(inserted + 2 * MANY)).scans - scans).toBeLessThan(MANY / 10);
  }, 120_000);

  it('has a fold that had begun on wrong rows repeated', async () => {
    const projected = projectors[2]!;
    const first = await append(SUBJECTS.plans, planned(FIRST));
    await folded('runs', first);
    await projected.stop();
    const [{ view }] = await dataSource.query<[{ view: string }]>('select view from runs');
    let read: () => void = () => undefined;
    const hasRead = new Promise<void>((resolve) => (read = resolve));
    let go: () => void = () => undefined;
    const isMended = new Promise<void>((resolve) => (go = resolve));
    let folds = 0;
    const slow: Projection = {
      ...runsProjection,
      apply: async (batch, tx) => {
        folds += 1;
        await tx.read('select view from runs', []);
        read();
        await isMended;
        await runsProjection.apply(batch, tx);
      },
    };
    await dataSource.query('update runs set view = $1', [
      JSON.stringify({ ...JSON.parse(view), plugin: 'wrong' }),
    ]);
    const projector = await Projector.start(bus, dataSource, slow);
    const second = await append(SUBJECTS.executions, started(FIRST));
    await hasRead;
    await rebuild(runsProjection);
    go();
    await until('the second record', () => projector.position >= second);
    expect(folds).toBe(2);
    await projector.stop();
    expect(await differences(runsProjection)).toBe(0);
    projectors[2] = await Projector.start(bus, dataSource, [partsProjection, runsProjection]);
  });

  it('brings back from the snapshot what lives and what that needs, also when both were lost', async () => {
    await append(SUBJECTS.executions, ended(FIRST, 'proposed'));
    const seq = await append(SUBJECTS.config, accepted(FIRST));
    await Promise.all([folded('runs', seq), folded('parts', seq)]);
    for (const projection of [partsProjection, runsProjection])
      await takeSnapshot(bus, dataSource, projection, Date.parse(AT));
    await bus.publisher.publishJson(SUBJECTS.compaction, { upTo: seq, at: AT });
    await bus.manager.streams.purge(STREAMS.activity, { seq: seq + 1, filter: 'activity.config.>' });
    for (const projection of [partsProjection, runsProjection])
      await pruneRows(bus, dataSource, projection, seq);
    const [parts, runs] = [await rows('parts'), await rows('runs')];
    expect([parts, runs]).toMatchObject([[{}], [{}]]);
    await dataSource.query('delete from parts');
    await dataSource.query('delete from runs');
    expect((await rebuild(partsProjection)).tables[0]).toMatchObject({ name: 'parts', added: 1 });
    expect((await rebuild(runsProjection)).tables).toMatchObject([{ name: 'runs', added: 1 }]);
    expect(await rows('parts')).toMatchObject(parts.map((one) => ({ row: (one as { row: object }).row })));
    expect(await rows('runs')).toMatchObject(runs.map((one) => ({ row: (one as { row: object }).row })));
  });

  it('ends at once when it is stopped in the middle of a statement', async () => {
    await dataSource.query(`update facts set subject = 'by hand' where group_name = 'default'`);
    const lock = dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('lock table facts in share row exclusive mode');
    const stop = new AbortController();
    const rebuilt = rebuild(FACTS, { signal: stop.signal });
    const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%delete from facts%'`;
    await until('the rebuild to wait', async () => (await dataSource.query<unknown[]>(waiting)).length > 0);
    stop.abort(new Error('enough'));
    await expect(rebuilt).rejects.toThrow('enough');
    await lock.rollbackTransaction();
    await lock.release();
    expect((await rebuild(FACTS)).tables[0]?.changed).toBeGreaterThan(0);
  });

  it('changes nothing when it is stopped, or when the stream was made anew', async () => {
    await dataSource.query(`update facts set subject = 'by hand' where group_name = 'other'`);
    const wrong = await rows('facts');
    const stop = new AbortController();
    const stopped: Projection = {
      ...OTHERS,
      apply: async (batch, tx) => {
        await OTHERS.apply(batch, tx);
        stop.abort(new Error('enough'));
      },
    };
    await expect(rebuild(stopped, { signal: stop.signal })).rejects.toThrow('enough');
    expect(await rows('facts')).toEqual(wrong);
    await bus.manager.streams.delete('FACTS_other');
    await expect(rebuild(OTHERS)).rejects.toMatchObject({ code: 'not-ready' });
    expect(await rows('facts')).toEqual(wrong);
  });
});
