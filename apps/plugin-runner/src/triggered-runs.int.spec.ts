import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Bus } from '@signalbox/bus';
import { SystemClock } from '@signalbox/runtime';
import { createDataSource, migrate } from '@signalbox/store';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { ExecutionLog } from './execution-log.js';
import type { RunDesk } from './run-desk.js';
import type { SiteState } from './site-state.js';
import { TriggeredRuns } from './triggered-runs.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

/** Lets nobody into the database, or everybody again. */
async function setOpen(isOpen: boolean): Promise<void> {
  const admin = new pg.Client({ connectionString: process.env['SIGNALBOX_TEST_PG'] });
  const name = new URL(database.url).pathname.slice(1);
  await admin.connect();
  try {
    await admin.query(`alter database ${name} with allow_connections ${isOpen}`);
    if (!isOpen)
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  } finally {
    await admin.end();
  }
}

/** What a start needs beside Postgres; `failures`: what it asked about. */
function runsWith(failures: unknown[], onStarted: () => void): TriggeredRuns {
  const explain = (error: unknown): string => {
    failures.push(error);
    return 'store-unavailable';
  };
  return new TriggeredRuns(
    { outages: { explain } } as unknown as Bus,
    dataSource,
    { book: { ofKind: () => [] } } as unknown as SiteState,
    { plannedBefore: [], tellEnds: onStarted, isBusy: () => false } as unknown as RunDesk,
    {} as ExecutionLog,
    new SystemClock(),
  );
}

it('a start that finds Postgres away waits for it and goes on', async () => {
  const failures: unknown[] = [];
  const runs = runsWith(failures, () => failures.push('started'));
  await setOpen(false);
  const starting = runs.start();
  await until('two failures', () => failures.length >= 2);
  expect(failures).not.toContain('started');
  await setOpen(true);
  await starting;
  expect(failures.at(-1)).toBe('started');
  await runs.stop();
});

it('a stop ends a start that waits for Postgres', async () => {
  const failures: unknown[] = [];
  const runs = runsWith(failures, () => failures.push('started'));
  await setOpen(false);
  const starting = runs.start();
  await until('a failure', () => failures.length >= 1);
  await runs.stop();
  await starting;
  expect(failures).not.toContain('started');
  await setOpen(true);
});
