import { createDatabase, type TestDatabase } from '@signalbox/testing';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource, migrate } from './data-source.js';

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

  it('refuses a database that a newer version has migrated, and leaves it as it was', async () => {
    await migrate(dataSource);
    await dataSource.query("insert into migrations (timestamp, name) values (9999999999999, 'Later999')");
    await expect(migrate(dataSource)).rejects.toMatchObject({
      code: 'store-newer',
      message: expect.stringMatching(/newer Signalbox \(Later999\): install that version again, or restore/),
    });
    await dataSource.query("delete from migrations where name = 'Later999'");
    await migrate(dataSource);
  });
});
