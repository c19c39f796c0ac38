import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, factsDefinition, STREAM_DEFINITIONS } from '@signalbox/bus';
import { type FactRecord, factKey, factSubject, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import {
  backendsProjection,
  createDataSource,
  deadLettersProjection,
  factsProjection,
  migrate,
  projectedGroups,
  type Projection,
  type ProjectionReport,
  ScratchSpace,
  Projector,
  runsProjection,
  siteProjections,
  tokensProjection,
  verifyProjection,
} from './index.js';
import { accepted, ended, FIRST, nextAttempt, planned, started } from './runs/run-records.fixture.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const AT = '2026-05-30T12:00:00.000Z';
const FACTS = factsProjection('default');
const never = new AbortController().signal;

let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;
let projectors: Projector[];

function factRecord(id: string, version = 1, serial = '1'): FactRecord {
  const fact = {
    id,
    group: 'default',
    sourceNode: 'edge-1',
    type: 'host.seen',
    subject: `host ${id}`,
    dedupeKey: id,
    payload: { serial },
    observedAt: AT,
  };
  return { fact, own: true, change: 'new', version, current: true, way: 'rest', acceptedAt: AT };
}

async function storeFact(record: FactRecord): Promise<number> {
  const { group, type } = record.fact;
  const subject = factSubject(group, true, factKey(record.fact), type);
  return (await bus.publisher.publishJson(subject, record)).seq;
}

async function append(subject: string, record: object): Promise<number> {
  return (await bus.publisher.publishJson(subject, record)).seq;
}

async function folded(name: string, seq: number): Promise<void> {
  const projector = projectors.find(({ names }) => names.includes(name))!;
  await until(`${name} at ${seq}`, () => projector.position >= seq);
}

async function verify(projection: Projection, signal = never): Promise<ProjectionReport> {
  const space = await ScratchSpace.open(bus, dataSource);
  try {
    return await verifyProjection(space, projection, signal);
  } finally {
    await space.close();
  }
}

async function scratchSchemas(): Promise<string[]> {
  const rows = await dataSource.query<{ name: string }[]>(
    `select nspname as name from pg_namespace where nspname like 'scratch%'`,
  );
  return rows.map(({ name }) => name);
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-verify-'));
  [nats, database] = await Promise.all([
    startNats({ env: process.env, stateDir: directory, log: () => undefined }),
    createDatabase(),
  ]);
  bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
  const { journal, activity, dead } = STREAM_DEFINITIONS;
  for (const definition of [journal, activity, dead, factsDefinition('default')])
    await ensureStream(bus.manager, definition, bus.log);
  projectors = [];
  for (const projection of siteProjections(['default']))
    projectors.push(await Projector.start(bus, dataSource, projection));
}, 300_000);

afterAll(async () => {
  await Promise.all(projectors.map((projector) => projector.stop()));
  await bus.close();
  await dataSource.destroy();
  await database.drop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Tables that are no projection. */
const OTHER_TABLES = [
  'backend_counters',
  'kept_answers',
  'migrations',
  'pending_facts',
  'pending_withdrawals',
  'positions',
  'probed_until',
];

it('every table is one of a projection, or known to be none', async () => {
  const rows = await dataSource.query<{ name: string }[]>(
    'select tablename as name from pg_tables where schemaname = current_schema()',
  );
  const projected = siteProjections(['default']).flatMap(({ tables }) => tables.map(({ name }) => name));
  expect(rows.map(({ name }) => name).sort()).toEqual([...projected, ...OTHER_TABLES].sort());
});

describe('the verification of projections', () => {
  afterEach(async () => {
    expect(await scratchSchemas()).toEqual([]);
  });

  it('finds every projection equal that was folded right', async () => {
    for (const id of ['a', 'b', 'c']) await storeFact(factRecord(id));
    await folded('facts.default', await storeFact(factRecord('b', 2, '2')));
    const second = nextAttempt(FIRST);
    await append(SUBJECTS.plans, { records: [planned(FIRST)] });
    await append(SUBJECTS.executions, { records: [started(FIRST), ended(FIRST, 'failed')] });
    await append(SUBJECTS.plans, { records: [planned(second)] });
    await append(SUBJECTS.executions, { records: [ended(second, 'proposed')] });
    const part = await append(SUBJECTS.config, { records: [accepted(second)] });
    await folded('runs', part);
    await folded('parts', part);
    const token = { type: 'created', id: 't1', name: 'first', hash: 'h1', role: 'admin', at: AT };
    await folded('tokens', await append(SUBJECTS.token, token));

    const reports: ProjectionReport[] = [];
    for (const projection of siteProjections(await projectedGroups(dataSource)))
      reports.push(await verify(projection));

    expect(reports.filter(({ equal }) => !equal)).toEqual([]);
    const rows = reports.flatMap(({ tables }) => tables).map(({ name, rows: count }) => [name, count]);
    expect(Object.fromEntries(rows)).toMatchObject({ facts: 3, runs: 1, parts: 1, tokens: 1, backends: 0 });
    const facts = reports.find(({ name }) => name === 'facts.default');
    expect(facts).toMatchObject({ stream: 'FACTS_default', position: 4, records: 4, passedOver: 0 });
    expect(facts?.tables[0]?.live).toBe(facts?.tables[0]?.folded);
    expect(facts?.tables[0]?.live).toMatch(/^[0-9a-f]{64}$/);
    expect(reports.find(({ name }) => name === 'runs')?.tables.map(({ name }) => name)).toEqual(['runs']);
  });

  it('names a row that was changed, one that is missing and one too many', async () => {
    const saved = await dataSource.query<unknown[]>('select * from facts');
    expect(saved).toHaveLength(3);
    await dataSource.query(`update facts set subject = 'by hand', version = 7 where id = 'b'`);
    await dataSource.query(`delete from facts where id = 'c'`);
    await dataSource.query(
      `insert into facts select (jsonb_populate_record(f, '{"id": "a2"}')).* from facts f where id = 'a'`,
    );
    const { equal, tables } = await verify(FACTS);
    expect(equal).toBe(false);
    expect(tables[0]).toMatchObject({ rows: 3, rowsFolded: 3, equal: false, differences: 3 });
    expect(tables[0]?.live).not.toBe(tables[0]?.folded);
    const key = (id: string) => ({ group_name: 'default', id });
    expect(tables[0]?.named).toEqual([
      { kind: 'extra', key: key('a2') },
      { kind: 'different', key: key('b'), columns: ['subject', 'version'] },
      { kind: 'missing', key: key('c') },
    ]);
    await dataSource.query(`delete from facts where id <> 'a'`);
    await dataSource.query('insert into facts select * from jsonb_populate_recordset(null::facts, $1)', [
      JSON.stringify(saved.filter((row) => (row as { id: string }).id !== 'a')),
    ]);
    expect((await verify(FACTS)).equal).toBe(true);
  });

  it('orders keys by their bytes, and names ten of the rows that differ', async () => {
    const ids = ['é', 'Z', 'z', '\u{1f600}', '\uffee', '~', 'a-b', 'a b', 'ab', 'A', '0', '10', '9'];
    const seqs = await Promise.all(ids.map((id) => storeFact(factRecord(`odd ${id}`))));
    await folded('facts.default', Math.max(...seqs));
    expect((await verify(FACTS)).equal).toBe(true);
    await dataSource.query(`update facts set accepted_at = 'x' where id like 'odd %'`);
    const [table] = (await verify(FACTS)).tables;
    expect(table).toMatchObject({ differences: ids.length });
    expect(table?.named).toHaveLength(10);
    await dataSource.query(`update facts set accepted_at = $1 where id like 'odd %'`, [AT]);
  });

  it('compares at equal positions: what is not projected yet does not count', async () => {
    const at = projectors.findIndex(({ names }) => names.includes(FACTS.name));
    await projectors[at]!.stop();
    const { position } = projectors[at]!;
    await storeFact(factRecord('later'));
    expect(await verify(FACTS)).toMatchObject({ equal: true, position });
    projectors[at] = await Projector.start(bus, dataSource, FACTS);
  });

  it('finds them equal while the projector goes on: before its snapshot, and behind it', async () => {
    const seqs: number[] = [];
    const goesOn: Projection = {
      ...FACTS,
      apply: async (batch, tx) => {
        if (seqs.length === 0 || (seqs.length === 1 && batch.some(({ seq }) => seq === seqs[0]))) {
          await storeFact(factRecord(`meanwhile ${seqs.length}`));
          seqs.push(await storeFact(factRecord('a', 2 + seqs.length, 'again')));
          await folded(FACTS.name, seqs.at(-1)!);
        }
        await FACTS.apply(batch, tx);
      },
    };
    const { equal, position } = await verify(goesOn);
    expect([equal, position]).toEqual([true, seqs[0]]);
    expect(await verify(FACTS)).toMatchObject({ equal: true, position: seqs[1] });
  });

  it('passes over what the projector could not read', async () => {
    await bus.publisher.publish(SUBJECTS.backendActivity('b'), Buffer.from('{"no": "record"}'));
    const seq = await append(SUBJECTS.backendActivity('b'), {
      backend: 'b',
      version: 1,
      at: AT,
      to: 'up',
      since: AT,
      address: '10.0.0.1',
      result: { ok: true, code: 'started', detail: '' },
    });
    await folded('backends', seq);
    const letters = (): Promise<unknown[]> => dataSource.query('select 1 from dead_letters');
    await until('the dead letter', async () => (await letters()).length > 0);
    const { count } = (await dataSource.query<{ count: number }[]>('select count(*) from dead_letters'))[0]!;
    expect(await verify(backendsProjection)).toMatchObject({ equal: true, records: 2, passedOver: 1 });
    expect(await letters()).toHaveLength(count);
  });

  it('leaves out rows whose messages the stream has dropped by itself', async () => {
    await bus.manager.streams.purge(STREAMS.dead);
    const { equal, tables } = await verify(deadLettersProjection);
    expect([equal, tables[0]?.rows, tables[0]?.rowsFolded]).toEqual([true, 0, 0]);
  });

  it('runs once at a time, and drops what a killed one left', async () => {
    await dataSource.query('create schema scratch_0123456789abcdef');
    await dataSource.query('create table scratch_0123456789abcdef.facts (like facts)');
    const space = await ScratchSpace.open(bus, dataSource);
    expect(await scratchSchemas()).toEqual([]);
    await expect(ScratchSpace.open(bus, dataSource)).rejects.toMatchObject({ code: 'verify-running' });
    await space.close();
    await (await ScratchSpace.open(bus, dataSource)).close();
  });

  it('leaves nothing behind when the fold fails, and never writes to a live table', async () => {
    const writesElsewhere: Projection = { ...tokensProjection, tables: runsProjection.tables };
    await expect(verify(writesElsewhere)).rejects.toThrow('relation "tokens" does not exist');
    const broken = { ...FACTS, apply: () => Promise.reject(new Error('broken')) };
    await expect(verify(broken)).rejects.toThrow('broken');
    expect((await verify(FACTS)).equal).toBe(true);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const stop = new AbortController();
    const stopped: Projection = {
      ...FACTS,
      apply: async (batch, tx) => {
        await FACTS.apply(batch, tx);
        stop.abort(new Error('enough'));
      },
    };
    await expect(verify(stopped, stop.signal)).rejects.toThrow('enough');
    await expect(verify(FACTS, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect((await verify(FACTS)).equal).toBe(true);
  });

  it('says so when rows are of a stream that was made anew since', async () => {
    await bus.manager.streams.delete('FACTS_default');
    const [gone] = (await verify(FACTS)).tables;
    expect(gone).toMatchObject({ equal: false, rowsFolded: 0, differences: gone?.rows });
    await ensureStream(bus.manager, factsDefinition('default'), bus.log);
    expect(await verify(FACTS)).toMatchObject({ equal: false, position: 0, records: 0 });
  });
});
