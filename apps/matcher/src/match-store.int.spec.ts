import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { createLog } from '@signalbox/runtime';
import { createDataSource, migrate } from '@signalbox/store';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import fc from 'fast-check';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { aRule } from './domain/given.fixture.js';
import { RunPlanner } from './domain/run-planner.js';
import { MatchStore } from './match-store.js';

let directory: string;
let nats: EmbeddedServer;
let bus: Bus;
let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-matches-'));
  [nats, database] = await Promise.all([
    startNats({ env: process.env, stateDir: directory, log: () => undefined }),
    createDatabase(),
  ]);
  bus = await Bus.connect({ url: nats.url, name: 'test', log: createLog('silent') });
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
  await ensureStream(bus.manager, STREAM_DEFINITIONS.activity, bus.log);
}, 60_000);

afterAll(async () => {
  await bus.close();
  await dataSource.destroy();
  await database.drop();
  await nats.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Facts that match and are planned, as they come; a few of them, so that they meet in one lineage. */
const steps = fc.array(
  fc.record({
    what: fc.constantFrom('matched', 'planned', 'checkpoint'),
    subscription: fc.constantFrom('s', 't'),
    about: fc.constantFrom('a', 'b'),
  }),
  { minLength: 2, maxLength: 14 },
);

it('a start finds pending what was pending when it was written, whatever came between the writes', async () => {
  const store = new MatchStore(bus, dataSource);
  const law = fc.asyncProperty(steps, async (given) => {
    const rules = ['s', 't'].map((subscription) => aRule({ subscription, concurrency: 1 }));
    let planner = new RunPlanner((await store.load()).planner);
    for (const rule of rules) planner.setRule(rule);
    for (const [at, { what, subscription, about }] of given.entries()) {
      if (what === 'matched') {
        const fact = { seq: at + 1, id: `f${at}`, origin: 'onprem', factKey: `key:${about}`, subject: about };
        for (const record of planner.matched(subscription, 'edge', { fact, version: 1 }, 0))
          planner.applyRun(record);
      } else if (what === 'planned') {
        for (const record of planner.decidePlans(0)) planner.applyRun(record);
      } else {
        const pending = planner.ledger.take();
        await store.save({ positions: new Map(), pending, withdrawals: { put: [], gone: [] } });
        planner.ledger.confirm(pending);
      }
    }
    const pending = planner.ledger.take();
    await store.save({
      positions: new Map([['FACTS_edge', { seq: given.length, streamCreated: 'c' }]]),
      pending,
      withdrawals: { put: [], gone: [] },
    });
    const before = await dataSource.query<{ facts: string }[]>('select count(*) as facts from pending_facts');
    expect(Number(before[0]!.facts)).toBe(planner.pendingCount());
    planner = new RunPlanner((await store.load()).planner);
    for (const rule of rules) planner.setRule(rule);
    expect(planner.pendingCount()).toBe(Number(before[0]!.facts));
    await dataSource.query('delete from pending_facts');
  });
  await fc.assert(law, { numRuns: 30 });
}, 60_000);
