import { readScopedName, scopedName } from '@signalbox/contracts';
import { createDatabase, type TestDatabase } from '@signalbox/testing';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import { nameIn, projectIn, scopedIn } from './scoped-names.js';

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

it.each([
  ['default', 'web'],
  ['lab', 'web'],
  ['default', 'a/b'],
  ['lab', 'a//b/'],
  ['default', '/'],
  ['x', 'ä'],
])('SQL makes and reads the scoped name of %s and %s as the code does', async (project, name) => {
  const scoped = scopedName(project, name);
  const [row] = await dataSource.query<object[]>(
    `select ${scopedIn('p', 'n')} as scoped, ${projectIn('s')} as project, ${nameIn('s')} as name
       from (select $1::text as p, $2::text as n, $3::text as s) given`,
    [project, name, scoped],
  );
  expect(row).toEqual({ scoped, ...readScopedName(scoped) });
});
