import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import pg from 'pg';
import { openStore, type Store } from './data-source.js';

describe('StoreLink', () => {
  let database: TestDatabase;
  let store: Store;
  let admin: pg.Client;
  const lines: string[] = [];

  beforeAll(async () => {
    database = await createDatabase();
    const say = (_fields: object, message: string): void => void lines.push(message);
    store = await openStore({ url: database.url, log: { info: say, warn: say } });
    const other = new URL(database.url);
    other.pathname = '/postgres';
    admin = new pg.Client(other.toString());
    await admin.connect();
  });

  afterAll(async () => {
    store.link.close();
    await store.dataSource.destroy();
    await admin.end();
    await database.drop();
  });

  /** Whether the database takes connections; those that are there are ended. */
  async function open(is: boolean): Promise<void> {
    const name = new URL(database.url).pathname.slice(1);
    await admin.query(`alter database "${name}" with allow_connections ${is}`);
    if (!is)
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  }

  it('tells once that Postgres went, also when nobody asked it anything, and once that it is back', async () => {
    const { link, dataSource } = store;
    await open(false);
    await until('the loss to be noticed', () => !link.presence.isUp);
    const failures = await Promise.allSettled([dataSource.query('select 1'), dataSource.query('select 1')]);
    expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await open(true);
    await until('the return', () => link.presence.isUp);
    expect(await dataSource.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(lines).toEqual(['lost the connection to Postgres, reconnecting', 'connected to Postgres again']);
  });

  it('explains what comes of that, and nothing else', () => {
    const { link } = store;
    expect(link.explains(new Error('Connection terminated unexpectedly'))).toBe(true);
    expect(link.explains(Object.assign(new Error('duplicate key'), { code: '23505' }))).toBe(false);
  });
});
