import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Bus } from '@signalbox/bus';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createLog } from '@signalbox/runtime';
import { createDataSource, migrate } from '@signalbox/store';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { type Match, MatchStore } from './match-store.js';

let directory: string;
let nats: EmbeddedServer;
let bus: Bus;
let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-matches-'));
  [nats, database] = await Promise.all([
    startNats({ stateDir: directory, log: () => undefined }),
    createDatabase(),
  ]);
  bus = await Bus.connect({ url: nats.url, name: 'test', log: createLog('silent') });
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, 60_000);

afterAll(async () => {
  await bus.close();
  await dataSource.destroy();
  await database.drop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

const matches = fc
  .record({
    subscription: fc.constantFrom('s', 't'),
    revision: fc.integer({ min: 1, max: 3 }),
    seq: fc.integer({ min: 1, max: 4 }),
    key: fc.constantFrom('a', 'b'),
  })
  .map(({ subscription, revision, seq, key }): Match => ({
    ...{ subscription, revision, group: 'default' },
    matched: {
      fact: { seq, id: `f${seq}`, origin: 'edge', factKey: `key:${key}`, subject: '' },
      version: 1,
    },
  }));

/** The rows after these saves; leaves none behind. */
async function rowsOf(saves: readonly (readonly Match[])[]): Promise<unknown[]> {
  const store = new MatchStore(bus, dataSource);
  for (const [at, save] of saves.entries()) await store.save('default', 'created', at, save);
  const rows = await dataSource.query<unknown[]>('select * from matches order by subscription, lineage');
  await dataSource.query('delete from matches');
  return rows;
}

it('X40 any split of the matches into saves gives the same rows', async () => {
  const law = fc.asyncProperty(fc.array(matches, { minLength: 2, maxLength: 8 }), async (found) => {
    expect(await rowsOf([found])).toEqual(await rowsOf(found.map((match) => [match])));
  });
  await fc.assert(law, { numRuns: 30 });
}, 60_000);
