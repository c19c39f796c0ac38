import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { STREAMS, SUBJECTS } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import {
  backendsProjection,
  configAt,
  createDataSource,
  deliveriesProjection,
  generationRange,
  type GoneRow,
  migrate,
  partsProjection,
  pruneRows,
  rebuildProjection,
  restoreSnapshot,
  ScratchSpace,
  takeSnapshot,
  verifyProjection,
} from './index.js';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const AT = '2026-05-30T12:00:00.000Z';
const NOW_MS = Date.parse(AT);
/** Where renderer draws the line for the JSON of a part is 8 MB less what stands around it. */
const LARGE_CHARS = 7_900_000;

let directory: string;
let nats: EmbeddedServer;
let database: TestDatabase;
let bus: Bus;
let dataSource: DataSource;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-snapshots-'));
  [nats, database] = await Promise.all([
    startNats({ env: process.env, stateDir: directory, log: () => undefined }),
    createDatabase(),
  ]);
  bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
  await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
}, 300_000);

beforeEach(async () => {
  await dataSource.query(
    'truncate positions, parts, generations, effective_resources, effective_versions, backends, backend_transitions, deliveries',
  );
  await bus.manager.streams.purge(STREAMS.activity);
});

afterAll(async () => {
  await bus.close();
  await dataSource.destroy();
  await database.drop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A part whose body has so many characters, half of which stand for two in JSON. */
async function storePart(source: string, state: string, seq: number, chars: number): Promise<void> {
  const body = JSON.stringify({ source, text: 'ä"𝄞'.repeat(Math.floor(chars / 5)) });
  await dataSource.query(
    `insert into parts (source, generation, owner, state, run_id, accepted_seq, last_seq, created_at, updated_at,
       expires_at, body) values ($1, 1, 'o', $2, 'r', $3, $3, $4, $4, $4, $5)`,
    [source, state, seq, AT, body],
  );
}

async function storeBackend(name: string, state: string, seq: number): Promise<void> {
  await dataSource.query(
    `insert into backends values ($1, 2, $3, $2, $4, $4, '10.0.0.1', null, '{}', null)`,
    [name, state, seq, AT],
  );
  for (const [version, from] of [
    [1, null],
    [2, 'unknown'],
  ])
    await dataSource.query(`insert into backend_transitions values ($1, $2, $5, $3, $4, $6, '{}', null)`, [
      name,
      version,
      AT,
      from,
      seq,
      state,
    ]);
}

async function storeDelivery(id: string, state: string, seq: number): Promise<void> {
  await dataSource.query(
    `insert into deliveries (group_name, peer, id, seq, version, state, attempts, last_attempt_at, observed_at, record_seq)
     values ('default', 'away', $1, $3, 1, $2, 1, $4, $4, 1)`,
    [id, state, seq, AT],
  );
}

async function rows(table: string): Promise<unknown[]> {
  return dataSource.query<unknown[]>(`select * from ${table} t order by t::text collate "C"`);
}

async function compacted(upTo: number): Promise<void> {
  await bus.publisher.publishJson(SUBJECTS.compaction, { upTo, at: AT });
}

/** Generations 1 to `last` at sequences that are ten times as high, each with one resource that only it has. */
async function storeGenerations(last: number): Promise<void> {
  await dataSource.query(
    `insert into generations (generation, seq, at, since, cause_stream, cause_seq, revision, digest, resources, added,
                              changed, removed, quarantined)
     select i, i * 10, $2, $2, 'JOURNAL', i, i, 'd', 1, 1, 0, 1, '[]' from generate_series(1, $1::integer) i`,
    [last, AT],
  );
  await dataSource.query(
    `insert into effective_versions (api_version, kind, project, name, from_generation, to_generation, last_seq, body)
     select 'example.org/v1', 'Thing', 'default', 't' || i, i, case when i < $1 then i + 1 end,
            10 * case when i < $1 then i + 1 else i end, '{"of":' || i || '}' from generate_series(1, $1::integer) i`,
    [last],
  );
  await dataSource.query(
    `insert into effective_resources (api_version, kind, project, name, revision, generation, body)
     values ('example.org/v1', 'Thing', 'default', 't' || $1::integer, $1, $1, '{"of":' || $1::integer || '}')`,
    [last],
  );
}

/** What can be asked for of generations 1 to `last`. */
async function askable(last: number): Promise<(string | undefined)[]> {
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    const texts = [];
    for (let generation = 1; generation <= last; generation += 1)
      texts.push((await configAt(tx, { generation }))?.text);
    return texts;
  });
}

describe('the past of the effective config', () => {
  it('D19 goes back to the generation that was in force where the records begin, also from a snapshot', async () => {
    await storeGenerations(5);
    const all = ['{"of":1}', '{"of":2}', '{"of":3}', '{"of":4}', '{"of":5}'];
    expect(await askable(5)).toEqual(all);
    await takeSnapshot(bus, dataSource, partsProjection, NOW_MS);
    await compacted(35);
    await pruneRows(bus, dataSource, partsProjection, 35);
    const kept = [undefined, undefined, ...all.slice(2)];
    expect(await askable(5)).toEqual(kept);
    const pruned = [await rows('generations'), await rows('effective_versions')];
    await dataSource.query('truncate generations, effective_resources, effective_versions');

    await dataSource.transaction((tx) => restoreSnapshot(bus, tx, partsProjection));

    expect([await rows('generations'), await rows('effective_versions')]).toEqual(pruned);
    expect(await askable(5)).toEqual(kept);
  });

  it('D19 begins with what a snapshot of an earlier version had, and never says anything else of what was before', async () => {
    await storeGenerations(5);
    await dataSource.query('truncate effective_versions');
    await takeSnapshot(bus, dataSource, partsProjection, NOW_MS);
    await dataSource.query('truncate generations, effective_resources');

    await dataSource.transaction((tx) => restoreSnapshot(bus, tx, partsProjection));

    expect(await askable(5)).toEqual([undefined, undefined, undefined, undefined, '{"of":5}']);
    expect(await generationRange(dataSource.manager)).toMatchObject({ oldest: { generation: 5 } });
  });
});

describe('a snapshot', () => {
  it('holds rows of every size, also one whose JSON is larger than a message, as they were', async () => {
    await storePart('small', 'active', 1, 100);
    await storePart('large', 'active', 2, LARGE_CHARS);
    await storePart('also-large', 'quarantined', 3, LARGE_CHARS);
    const before = await rows('parts');
    const position = await takeSnapshot(bus, dataSource, partsProjection, NOW_MS);
    await dataSource.query('truncate parts');

    await dataSource.transaction(async (tx) => {
      expect(await restoreSnapshot(bus, tx, partsProjection)).toBe(position);
    });

    expect(await rows('parts')).toEqual(before);
  }, 300_000);

  it('fills tables that have columns more and less than when it was taken', async () => {
    await dataSource.query('alter table parts add column former text');
    await storePart('lives', 'active', 1, 100);
    await takeSnapshot(bus, dataSource, partsProjection, NOW_MS);
    await dataSource.query('truncate parts');
    await dataSource.query(
      'alter table parts drop column former, add column later integer not null default 7',
    );

    await dataSource.transaction((tx) => restoreSnapshot(bus, tx, partsProjection));

    expect(await rows('parts')).toMatchObject([{ source: 'lives', later: 7 }]);
    await dataSource.query('alter table parts drop column later');
  });

  it('stand for rows of which nothing came since: a verification and a rebuild begin there', async () => {
    for (let message = 0; message < 3; message += 1)
      await bus.publisher.publishJson('activity.backend.b', { message });
    const position = await takeSnapshot(bus, dataSource, deliveriesProjection, NOW_MS);
    const upTo = position - 1;
    await compacted(upTo);
    await pruneRows(bus, dataSource, deliveriesProjection, upTo);

    const signal = new AbortController().signal;
    const space = await ScratchSpace.open(bus, dataSource);
    try {
      const verified = await verifyProjection(space, deliveriesProjection, signal);
      expect(verified).toMatchObject({ equal: true, records: 0 });
      expect(verified.position).toBeGreaterThanOrEqual(position);
      const rebuilt = await rebuildProjection(space, deliveriesProjection, signal);
      expect(rebuilt.position).toBeGreaterThanOrEqual(position);
    } finally {
      await space.close();
    }
  });

  it('does not bring back what has gone since', async () => {
    await storePart('over', 'expired', 1, 100);
    await storePart('lives', 'active', 1, 100);
    await storeBackend('gone', 'removed', 1);
    await storeBackend('there', 'up', 1);
    await takeSnapshot(bus, dataSource, partsProjection, NOW_MS);
    await takeSnapshot(bus, dataSource, backendsProjection, NOW_MS);
    await compacted(1);
    await dataSource.query('truncate parts, backends, backend_transitions');

    await dataSource.transaction(async (tx) => {
      for (const projection of [partsProjection, backendsProjection])
        await restoreSnapshot(bus, tx, projection);
    });

    expect(await rows('parts')).toMatchObject([{ source: 'lives' }]);
    expect(await rows('backends')).toMatchObject([{ name: 'there' }]);
    expect(await rows('backend_transitions')).toMatchObject([{ backend: 'there', version: 2 }]);
  });
});

describe('rows that are no longer kept', () => {
  it('go also when a peer has not got what they tell of and never will, and not while that is unknown', async () => {
    await storeDelivery('delivered', 'delivered', 1);
    await storeDelivery('pruned', 'failed', 2);
    await storeDelivery('not-in-the-table-yet', 'failed', 3);
    await dataSource.query(`insert into positions values ('facts.default', 'FACTS_default', $1, 2)`, [AT]);

    await pruneRows(bus, dataSource, deliveriesProjection, 1);

    expect(await rows('deliveries')).toMatchObject([{ id: 'not-in-the-table-yet' }]);
  });

  it('go, all of those of a backend that was removed, and who listens learns which', async () => {
    await storeBackend('gone', 'removed', 1);
    await storeBackend('there', 'up', 1);
    await storeBackend('young', 'removed', 2);
    const told: (GoneRow | string)[] = [];

    await pruneRows(bus, dataSource, backendsProjection, 1, {
      went: (table, gone) => told.push(...gone.map((row) => ({ table, ...row }))),
      done: (table) => told.push(table),
    });

    expect(await rows('backends')).toMatchObject([{ name: 'there' }, { name: 'young' }]);
    expect(await rows('backend_transitions')).toMatchObject([
      { backend: 'there', version: 2 },
      { backend: 'young', version: 1 },
      { backend: 'young', version: 2 },
    ]);
    expect(told).toEqual([
      { table: 'backends', name: 'gone', record: 1 },
      'backends',
      { table: 'backend_transitions', backend: 'gone', version: 1, record: 1 },
      { table: 'backend_transitions', backend: 'gone', version: 2, record: 1 },
      { table: 'backend_transitions', backend: 'there', version: 1, record: 1 },
      'backend_transitions',
    ]);
  });
});
