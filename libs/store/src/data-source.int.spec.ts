import { createDatabase, type TestDatabase } from '@signalbox/testing';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';

describe('a data source', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createDatabase();
    dataSource = await createDataSource(database.url).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  it('outlives a connection that Postgres ends while it is taken and has no query', async () => {
    const { master: pool } = dataSource.driver as unknown as { master: pg.Pool };
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    await dataSource.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended;
    client.release(true);
    expect(await dataSource.query<unknown>('select 1 as one')).toEqual([{ one: 1 }]);
  });
});
