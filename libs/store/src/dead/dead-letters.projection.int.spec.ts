import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import { type DeadLetter, type ErrorCode, STREAMS } from '@signalbox/contracts';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, deadLettersProjection, inFoldTransaction, migrate } from '../index.js';

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

/** A letter about a record of ACTIVITY, told by somebody. */
function aLetter(of: number, by = 'projection', code: ErrorCode = 'poison-message'): StreamMessage {
  const letter: DeadLetter = {
    service: by,
    error: { code, message: 'not JSON' },
    at: '2026-05-30T12:00:00.000Z',
    subject: 'activity.config.other',
    encoding: 'utf8',
    data: 'x',
    truncated: false,
    about: { stream: STREAMS.activity, seq: String(of) },
  };
  const data = Buffer.from(JSON.stringify(letter));
  return { stream: STREAMS.dead, seq: (seq += 1), subject: `dead.${by}.${code}`, data, time: 0 };
}

async function rowsAfter(...batches: StreamMessage[][]): Promise<(readonly [number, string])[]> {
  await dataSource.query('delete from dead_letters');
  for (const batch of batches)
    await inFoldTransaction(dataSource, async (tx) => deadLettersProjection.apply(batch, tx));
  const rows = await dataSource.query<{ seq: number; service: string }[]>(
    'select seq, service from dead_letters order by seq',
  );
  return rows.map((row) => [row.seq, row.service] as const);
}

it('has a record that cannot be read once, whoever told of it, and as it was told last', async () => {
  const [first, other, again, third] = [aLetter(7), aLetter(8), aLetter(7), aLetter(7, 'matcher')];
  const wanted = [
    [other.seq, 'projection'],
    [third.seq, 'matcher'],
  ];
  expect(await rowsAfter([first, other], [again], [third])).toEqual(wanted);
  expect(await rowsAfter([first, other, again, third])).toEqual(wanted);
  // the first have gone from the stream
  expect(await rowsAfter([other, third])).toEqual(wanted);
});

it('keeps what else is told of one record apart', async () => {
  const letters = [aLetter(7, 'federation', 'retention'), aLetter(7, 'federation', 'retention'), aLetter(7)];
  expect((await rowsAfter(letters)).map(([at]) => at)).toEqual(letters.map(({ seq: at }) => at));
});
