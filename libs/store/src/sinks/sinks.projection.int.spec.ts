import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import { type SinkContent, type SinkFailure, type SinkRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import {
  createDataSource,
  inFoldTransaction,
  migrate,
  SinkApplyRow,
  SinkRow,
  sinksProjection,
} from '../index.js';

const AT = '2026-05-30T12:00:00.000Z';
let database: TestDatabase;
let dataSource: DataSource;
let seq = 0;

beforeAll(async () => {
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, 300_000);

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

function content(generation: number): SinkContent {
  return { generation, digest: 'a'.repeat(64), bytes: 10, resources: 1, at: AT, place: '/s/web' };
}

function failure(attempts: number): SinkFailure {
  return { step: 'reload', error: { code: 'internal', message: 'exit 1' }, output: 'no \0', attempts };
}

function aRecord(version: number, about: Partial<SinkRecord>): StreamMessage {
  const record: SinkRecord = {
    ...{ sink: 'web', version, at: AT, state: 'applied', revision: 1, generation: version },
    ...about,
  };
  const data = Buffer.from(JSON.stringify(record));
  return { stream: STREAMS.activity, seq: (seq += 1), subject: SUBJECTS.sinkActivity('web'), data, time: 0 };
}

async function appliesAfter(...batches: StreamMessage[][]): Promise<(readonly [number, string])[]> {
  for (const table of ['sinks', 'sink_applies']) await dataSource.query(`delete from ${table}`);
  for (const batch of batches)
    await inFoldTransaction(dataSource, async (tx) => sinksProjection.apply(batch, tx));
  const rows = await dataSource.manager.find(SinkApplyRow, { order: { version: 'ASC' } });
  return rows.map(({ version, outcome }) => [version, outcome] as const);
}

it('an apply is a record with another content or another failure; what only waits is none', async () => {
  const records = [
    aRecord(1, { state: 'waiting' }),
    aRecord(2, { content: content(2) }),
    aRecord(3, { state: 'waiting', content: content(2) }),
    aRecord(4, { state: 'degraded', content: content(2), failure: failure(1) }),
    aRecord(5, { state: 'paused', content: content(2), failure: failure(1) }),
    aRecord(6, { state: 'degraded', content: content(2), failure: failure(2) }),
    aRecord(7, { content: content(7) }),
    aRecord(7, { content: content(99) }),
    aRecord(8, { state: 'removed', content: content(7) }),
  ];
  const wanted = [
    [2, 'applied'],
    [4, 'failed'],
    [6, 'failed'],
    [7, 'applied'],
  ];
  expect(await appliesAfter(records)).toEqual(wanted);
  expect(await appliesAfter(...records.map((record) => [record]))).toEqual(wanted);
  const row = await dataSource.manager.findOneByOrFail(SinkRow, { name: 'web' });
  expect(row).toMatchObject({ version: 8, state: 'removed', generation: 8, failure: null, reason: null });
  expect(JSON.parse(row.content ?? '')).toEqual(content(7));
});

it('a sink that was removed and is made again begins anew', async () => {
  const records = [
    aRecord(1, { content: content(1) }),
    aRecord(2, { state: 'removed', content: content(1) }),
    aRecord(3, { content: content(1) }),
  ];
  expect(await appliesAfter(records)).toEqual([
    [1, 'applied'],
    [3, 'applied'],
  ]);
});
