import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { createDataSource, migrate } from './data-source.js';
import { siteProjections } from './projections.js';
import { inFoldTransaction } from './fold-transaction.js';
import type { Projection } from './projection.js';
import { passOverPoison } from './projector.js';
import { histories, STREAM_MESSAGES } from './random-streams.fixture.js';

const PROJECTIONS = siteProjections(['default']);
const RUNS = 30;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, 60_000);

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** All rows that a projection makes of these batches, folded as a projector folds them. Leaves nothing behind. */
async function rowsOf(
  projection: Projection,
  batches: readonly (readonly StreamMessage[])[],
): Promise<Record<string, unknown[]>> {
  const tables = projection.tables.map(({ name }) => name);
  const commit = (messages: readonly StreamMessage[]): Promise<void> =>
    inFoldTransaction(dataSource, (tx) => projection.apply(messages, tx));
  try {
    for (const batch of batches) await passOverPoison(batch, commit, () => undefined);
    const rows: Record<string, unknown[]> = {};
    for (const table of tables) {
      rows[table] = await dataSource.query<unknown[]>(
        `select to_jsonb(t) as row from ${table} t order by to_jsonb(t)::text`,
      );
    }
    return rows;
  } finally {
    for (const table of tables) await dataSource.query(`delete from ${table}`);
  }
}

/** The same messages in batches: a cut stands behind every message that has a true. */
function split(messages: readonly StreamMessage[], cuts: readonly boolean[]): StreamMessage[][] {
  const batches: StreamMessage[][] = [[]];
  for (const [at, message] of messages.entries()) {
    batches.at(-1)!.push(message);
    if (cuts[at] && at < messages.length - 1) batches.push([]);
  }
  return batches;
}

describe('X40 any split of the stream into batches gives the same rows', () => {
  it('is tried with every projection', () => {
    expect(Object.keys(STREAM_MESSAGES).sort()).toEqual(PROJECTIONS.map(({ name }) => name).sort());
  });

  it.each(PROJECTIONS.map((projection) => [projection.name, projection] as const))(
    'X40 %s',
    async (name, projection) => {
      const law = fc.asyncProperty(
        histories(projection.stream, STREAM_MESSAGES[name]!),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        async (messages, cuts) => {
          const oneByOne = await rowsOf(
            projection,
            messages.map((message) => [message]),
          );
          expect(await rowsOf(projection, [messages])).toEqual(oneByOne);
          expect(await rowsOf(projection, split(messages, cuts))).toEqual(oneByOne);
        },
      );
      await fc.assert(law, { numRuns: RUNS });
    },
    60_000,
  );
});
