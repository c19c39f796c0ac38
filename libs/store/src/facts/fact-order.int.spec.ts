import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import { compareFacts, type Fact, factKey, type FactRecord } from '@signalbox/contracts';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { createDataSource, migrate } from '../data-source.js';
import { inFoldTransaction } from '../fold-transaction.js';
import { findFacts, NEWEST_FIRST } from './fact-index.queries.js';
import { factsProjection, lineageKey } from './facts.projection.js';

const T = '2026-05-30T12:00:00Z';
const FACTS = factsProjection('default');

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
  // Postgres counts a table in the background whenever it has time, and one of few rows has other plans then
  await dataSource.query('alter table facts set (autovacuum_enabled = false)');
}, 60_000);

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Facts of one lineage whose ages meet: few instants in several spellings, few sequences, ids of every plane. */
const facts = fc.uniqueArray(
  fc.record(
    {
      id: fc.constantFrom('a', 'B', 'b', 'a b', 'a-b', 'ab', 'é', 'z', '\uffee', '\u{1f600}'),
      observedAt: fc.constantFrom(
        T,
        '2026-05-30T14:00:00+02:00',
        '2026-05-30T12:00:00.000000001Z',
        '1066-10-14T09:00:00Z',
        '1067-10-14T09:00:00Z',
      ),
      originSequence: fc.integer({ min: 1, max: 3 }),
    },
    { requiredKeys: ['id', 'observedAt'] },
  ),
  { selector: ({ id }) => id, minLength: 2, maxLength: 8 },
);

function messageOf(age: Pick<Fact, 'id' | 'observedAt' | 'originSequence'>, seq: number): StreamMessage {
  const fact: Fact = {
    ...{ group: 'default', sourceNode: 'edge', type: 'host.seen', subject: 'one', dedupeKey: age.id },
    payload: {},
    ...age,
  };
  const record: FactRecord = {
    ...{ fact, own: false, change: 'new', version: 1, current: true, way: 'peer', acceptedAt: T },
  };
  return {
    stream: 'FACTS_default',
    seq,
    subject: 'facts',
    data: Buffer.from(JSON.stringify(record)),
    time: 0,
  };
}

it('X5 Postgres finds the newest fact of a lineage that compareFacts finds, whatever came first', async () => {
  const key = factKey({ id: 'a', dedupeKey: 'a', type: 'host.seen', subject: 'one' });
  const lineage = lineageKey('edge', key);
  const law = fc.asyncProperty(facts, async (ages) => {
    await dataSource.query('delete from facts');
    await inFoldTransaction(dataSource, (tx) => FACTS.apply(ages.map(messageOf), tx));
    const sorted = [...ages].sort(compareFacts).reverse();
    const rows = await dataSource.query<{ id: string }[]>(`select id from facts order by ${NEWEST_FIRST}`);
    expect(rows.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
    const found = await findFacts(dataSource, 'default', [sorted[0]!.id, 'unknown'], [lineage, 'unknown']);
    const { id, observedAt, originSequence } = sorted[0]!;
    const age = { id, observedAt, ...(originSequence !== undefined && { originSequence }) };
    expect(found.newest).toEqual([{ lineage, ...age }]);
    expect(found.ids).toEqual([expect.objectContaining({ ...age, origin: 'edge', version: 1 })]);
  });
  await fc.assert(law, { numRuns: 50 });
}, 60_000);

it('X5 facts that were stored before the migration come first, as a rebuild has them', async () => {
  const fresh = await createDatabase();
  const before = createDataSource(fresh.url);
  const { migrations } = before.options;
  before.setOptions({ migrations: (migrations as unknown[]).slice(0, 2) as never });
  await before.initialize();
  try {
    await migrate(before);
    await before.query(
      `insert into facts values ('default', 'z', 1, 1, 'edge', 'host.seen', 'one', 'z', 'l', 'd', '{}', $1, 1, null, null,
         1, true, 'rest', $1, null)`,
      [T],
    );
    const after = await createDataSource(fresh.url).initialize();
    await migrate(after);
    expect(await findFacts(after, 'default', ['z'], ['l'])).toEqual({
      ids: [{ id: 'z', seq: 1, origin: 'edge', digest: 'd', version: 1, observedAt: T }],
      newest: [{ lineage: 'l', id: 'z', observedAt: T }],
    });
    const indexes = await after.query<{ definition: string }[]>(
      `select indexdef as definition from pg_indexes where indexname = 'facts_lineage'`,
    );
    expect(indexes[0]?.definition).toContain('observed_ns DESC, origin_sequence DESC, id COLLATE "C" DESC');
    await after.destroy();
  } finally {
    await before.destroy();
    await fresh.drop();
  }
}, 60_000);

it('a look-up probes two indexes for what it wants, also before Postgres has counted the table', async () => {
  await dataSource.query('truncate facts');
  const messages = Array.from({ length: 5000 }, (_, n) =>
    messageOf({ id: `e${n}`, observedAt: new Date(Date.parse(T) + n).toISOString() }, n + 1),
  );
  await inFoldTransaction(dataSource, (tx) => FACTS.apply(messages, tx));
  const statements: [string, unknown[]][] = [];
  const query = (...asked: [string, unknown[]]): Promise<unknown[]> => {
    statements.push(asked);
    return Promise.resolve([]);
  };
  const wanted = Array.from({ length: 100 }, (_, n) => `x${n}`);
  await findFacts({ query } as unknown as DataSource, 'default', wanted, wanted);
  const [[statement, parameters]] = statements as [[string, unknown[]]];
  const plan = await dataSource.query<{ 'QUERY PLAN': string }[]>(`explain ${statement}`, parameters);
  const scans = plan.flatMap((row) => row['QUERY PLAN'].match(/(?:Seq|Index) Scan (?:using|on) \w+/g) ?? []);
  expect(scans).toEqual(['Index Scan using facts_pkey', 'Index Scan using facts_lineage']);
}, 60_000);
