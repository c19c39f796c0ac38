import { Client } from 'pg';
import { POSTGRES_USER } from './postgres-cluster.js';

const ANSWER_MS = 2_000;

/** Runs something on a connection of its own to the Postgres on this port of 127.0.0.1. */
export async function withPostgres<T>(
  port: number,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: POSTGRES_USER,
    database,
    ssl: false,
    connectionTimeoutMillis: ANSWER_MS,
  });
  client.on('error', () => undefined); // the query in flight rejects as well
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Asks whether Postgres serves, and serves these data.
 *
 * @throws Error when not, or not yet
 */
export async function probePostgres(port: number, dataDir: string): Promise<void> {
  const { rows } = await withPostgres(port, 'postgres', (client) =>
    client.query<{ data_directory: string }>('show data_directory'),
  );
  if (rows[0]?.data_directory !== dataDir) throw new Error(`port ${port} belongs to another Postgres`);
}

/** Makes the database of the site unless it is there. */
export async function ensureDatabase(port: number, name: string): Promise<void> {
  await withPostgres(port, 'postgres', async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}
