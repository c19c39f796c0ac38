import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Outages } from '@signalbox/bus';
import { type Log, SystemClock } from '@signalbox/runtime';
import { createDataSource, migrate } from '@signalbox/store';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { CounterCache } from './counter-cache.js';

let database: TestDatabase;
let dataSource: DataSource;
let lines: string[];
let cache: CounterCache;

async function savedNames(): Promise<string[]> {
  const rows = await dataSource.query<{ name: string }[]>('select name from backend_counters order by name');
  return rows.map(({ name }) => name);
}

describe('the cache of counters, when the database refuses', () => {
  beforeAll(async () => {
    database = await createDatabase();
    dataSource = await createDataSource(database.url).initialize();
    await migrate(dataSource);
  }, 300_000);

  beforeEach(async () => {
    await dataSource.query('truncate backend_counters');
    lines = [];
    const say = (level: string) => (_fields: object, message: string) =>
      void lines.push(`${level}: ${message}`);
    const log = { info: say('info'), warn: say('warn') } as unknown as Log;
    cache = new CounterCache(dataSource, new SystemClock(), log, new Outages());
  });

  afterEach(() => cache.stop());

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('says so once, keeps what was to be written, and writes it later', async () => {
    let tries = 0;
    await dataSource.query('alter table backend_counters rename to elsewhere');
    cache.note('a', { version: 1, counter: 2, verified: true });
    cache.start(() => {
      tries += 1;
      return true;
    });
    await until('a second try to fail', () => tries >= 3, 20_000);
    expect(lines).toEqual(['warn: counters cannot be saved, trying again']);

    cache.note('b', { version: 1, counter: 1, verified: false });
    await dataSource.query('alter table elsewhere rename to backend_counters');
    await until('both to be saved', async () => (await savedNames()).length === 2, 20_000);
    expect((await cache.load()).probedUntilMs).toBeDefined();
    await until('the good news', () => lines.length === 2);
    expect(lines[1]).toBe('info: counters are saved again');
  }, 300_000);

  it('forgets a backend that was removed, also one that could not be deleted at first', async () => {
    await dataSource.query(`insert into backend_counters values ('gone', 3, 1, true)`);
    await dataSource.query('alter table backend_counters rename to elsewhere');
    cache.note('gone', { version: 4, counter: 2, verified: true });
    cache.note('there', { version: 1, counter: 1, verified: true });
    cache.forget('gone');
    cache.start(() => true);
    await until('a try to fail', () => lines.length > 0, 20_000);
    await dataSource.query('alter table elsewhere rename to backend_counters');
    await until('the other one alone', async () => (await savedNames()).join() === 'there', 20_000);
  }, 300_000);

  it('is read although what belongs to removed backends cannot be deleted', async () => {
    await dataSource.query(`insert into backend_counters values ('a', 3, 1, true)`);
    await dataSource.query(`
      create function refuse() returns trigger language plpgsql as 'begin raise exception ''read only''; end';
      create trigger refuse before delete on backend_counters execute function refuse()`);
    const { counters } = await cache.load();
    expect(counters.get('a')).toMatchObject({ counter: 1 });
    expect(lines).toEqual(['warn: the counters of removed backends could not be deleted']);
  });
});
