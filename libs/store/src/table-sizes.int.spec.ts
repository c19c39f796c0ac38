import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createDatabase, type TestDatabase, until } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { createDataSource, migrate } from './data-source.js';
import { tableSizes } from './table-sizes.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createDatabase();
  dataSource = await createDataSource(database.url).initialize();
  await migrate(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

async function rowsOf(table: string): Promise<number | undefined> {
  return (await tableSizes(dataSource)).find(({ name }) => name === table)?.rows;
}

it('knows every table, empty ones too, and no other thing', async () => {
  const sizes = await tableSizes(dataSource);
  const names = sizes.map(({ name }) => name);
  expect(names).toEqual([...names].sort());
  expect(names).toEqual(expect.arrayContaining(['facts', 'migrations', 'positions', 'runs']));
  expect(names).not.toContain('facts_by_seq');
  expect(sizes.find(({ name }) => name === 'runs')).toEqual({
    name: 'runs',
    rows: 0,
    bytes: expect.any(Number),
  });
});

it('sees what was written and what went, about', async () => {
  await dataSource.query(
    `insert into positions select 'p' || n, 's', 'c', n from generate_series(1, 500) as n`,
  );
  await until('the rows to be seen', async () => (await rowsOf('positions')) === 500);
  await dataSource.query(`delete from positions where seq <= 400`);
  await dataSource.query('vacuum analyze positions');
  await until('them to be gone', async () => (await rowsOf('positions')) === 100);
});
