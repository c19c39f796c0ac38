import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A fresh, empty database on the test run's Postgres. */
export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** Makes a database of its own for a site or a test file. Needs SIGNALBOX_TEST_PG, which `npm test` sets. */
export async function createDatabase(): Promise<TestDatabase> {
  const server = process.env['SIGNALBOX_TEST_PG'];
  if (!server) throw new Error('SIGNALBOX_TEST_PG is not set: run the tests by npm test');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  await administer(server, `create database ${name}`);
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    drop: () => administer(server, `drop database if exists ${name} with (force)`),
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
