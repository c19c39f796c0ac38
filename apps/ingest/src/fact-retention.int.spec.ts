import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Bus, ensureStream, factsDefinition } from '@signalbox/bus';
import type { EventGroupSpec } from '@signalbox/contracts';
import { type EmbeddedServer, startNats } from '@signalbox/embedded';
import { Metrics, type SiteConfig, SystemClock } from '@signalbox/runtime';
import { createDataSource, migrate } from '@signalbox/store';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { FactRetention } from './fact-retention.js';

const START_MS = 300_000;
const GROUPS = ['bad', 'good'];

let directory: string;
let server: EmbeddedServer;
let bus: Bus;
let database: TestDatabase;
let dataSource: DataSource;
let told: unknown[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-retention-'));
  server = await startNats({ env: process.env, stateDir: directory, log: () => undefined });
  told = [];
  const warn = (fields: object): void => void told.push((fields as { group?: unknown }).group);
  bus = await Bus.connect({
    url: server.url,
    name: 'test',
    log: { info: () => undefined, warn, error: () => undefined },
  });
  for (const group of GROUPS) await ensureStream(bus.manager, factsDefinition(group), bus.log);
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
}, START_MS);

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
  await bus?.close();
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** What a crash has left in the table, which now refuses to let it go. */
async function makeBadFail(): Promise<void> {
  await dataSource.query(`
    insert into facts (group_name, id, seq, origin, type, subject, dedupe_key, lineage, digest, payload, observed_at,
                       observed_ns, version, own, way, accepted_at)
    values ('bad', 'f1', -5, 'edge', 't', 's', 's', 'l', 'd', '{}', '2026-05-30T12:00:00Z', 0, 1, true, 'emit',
            '2026-05-30T12:00:00Z')`);
  await dataSource.query(`
    create sequence tries;
    create function refuse() returns trigger language plpgsql as
      'begin perform nextval(''tries''); raise exception ''not now''; end';
    create trigger refuse before delete on facts for each row execute function refuse()`);
}

it(
  'says once of a group that it cannot be pruned, although others beside it can',
  async () => {
    await makeBadFail();
    const config = { pruneEveryMs: 1, facts: {} } as SiteConfig;
    const retention = new FactRetention(bus, dataSource, new SystemClock(), new Metrics(), config);
    retention.declare(new Map(GROUPS.map((group) => [group, { nodeName: 'edge' } as EventGroupSpec])), []);
    retention.start();
    await until('several rounds', async () => {
      const [tries] = await dataSource.query<{ n: number }[]>('select last_value::integer as n from tries');
      return (tries?.n ?? 0) >= 5;
    });
    await retention.stop();
    expect(told).toEqual(['bad']);
  },
  START_MS,
);
