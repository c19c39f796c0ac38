import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import {
  canonicalJson,
  type ConfigMoment,
  type ConfigRecord,
  formatTime,
  keyOf,
  type Resource,
  STREAMS,
  SUBJECTS,
  withoutProvenance,
} from '@signalbox/contracts';
import { configAt, createDataSource, inFoldTransaction, migrate, partsProjection } from '@signalbox/store';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { configDigest } from './domain/config-digest.js';
import type { Logged } from './domain/history.fixture.js';
import { longHistories } from './domain/random-history.fixture.js';
import { Scenario } from './domain/scenario.fixture.js';

const START_MS = 60_000;
const TEST_MS = 300_000;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, START_MS);

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** The records of one step as the message that the service makes of them. */
function messageOf(seq: number, entries: readonly Logged[]): StreamMessage | undefined {
  const records = entries.flatMap((entry): ConfigRecord[] => {
    if ('part' in entry) return [entry.part];
    return 'effective' in entry ? [entry.effective] : [];
  });
  if (records.length === 0) return undefined;
  const data = Buffer.from(JSON.stringify({ records }));
  return { stream: STREAMS.activity, subject: SUBJECTS.trafficConfig, seq, data, time: 0 } as StreamMessage;
}

async function current(): Promise<Resource[]> {
  const rows = await dataSource.query<{ body: string }[]>('select body from effective_resources');
  return rows.map(({ body }) => JSON.parse(body) as Resource);
}

async function at(moment: ConfigMoment): Promise<readonly Resource[] | undefined> {
  const past = await dataSource.transaction('REPEATABLE READ', (tx) => configAt(tx, moment));
  return past && (JSON.parse(`[${past.text}]`) as Resource[]);
}

function contentOf(resources: Iterable<Resource>): string {
  return canonicalJson([...resources].map(withoutProvenance));
}

/** The newest generation of each source that a part was accepted of. */
function newestParts(log: readonly Logged[]): Map<string, ReadonlySet<string>> {
  const newest = new Map<string, ReadonlySet<string>>();
  for (const entry of log)
    if ('part' in entry && entry.part.type === 'accepted')
      newest.set(entry.part.part.source, new Set(entry.part.part.resources.map(keyOf)));
  return newest;
}

/** What was rendered when a step was over. */
interface Rendered {
  readonly resources: readonly Resource[];
  readonly model: string;
  /** Resources that the newest part of some source has. */
  readonly renewed: ReadonlySet<string>;
}

it(
  'D19 what is rendered of any generation and of any time is what was rendered then',
  async () => {
    const [history] = fc.sample(longHistories, { numRuns: 1, seed: 19 });
    const site = new Scenario();
    const byTime = new Map<string, Rendered>();
    const digests = new Map<number, string>();
    for (const [index, { happening }] of history!.entries()) {
      const before = site.log.length;
      site.when(happening);
      const message = messageOf(index + 1, site.log.slice(before));
      if (message) await inFoldTransaction(dataSource, (tx) => partsProjection.apply([message], tx));
      const resources = await current();
      const model = contentOf(site.model.render().map(({ resource }) => resource));
      const renewed = new Set([...newestParts(site.log).values()].flatMap((keys) => [...keys]));
      byTime.set(formatTime(site.nowMs), { resources, model, renewed });
      digests.set(site.model.generation(), site.model.digest());
    }
    digests.delete(0);
    expect(digests.size).toBeGreaterThan(100);
    expect(byTime.size).toBeGreaterThan(50);

    for (const [generation, digest] of digests)
      expect([generation, configDigest((await at({ generation })) ?? [])]).toEqual([generation, digest]);

    let annotated = 0;
    for (const [time, { resources, model, renewed }] of byTime) {
      const past = await at({ time });
      expect([time, contentOf(past ?? [])]).toEqual([time, model]);
      const shown = new Map(resources.map((resource) => [keyOf(resource), canonicalJson(resource)]));
      for (const resource of past ?? []) {
        const key = keyOf(resource);
        if (!renewed.has(key)) continue;
        annotated += 1;
        expect([time, canonicalJson(resource)]).toEqual([time, shown.get(key)]);
      }
    }
    expect(annotated).toBeGreaterThan(100);
  },
  TEST_MS,
);
