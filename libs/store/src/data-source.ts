import { CodedError } from '@signalbox/contracts';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { BackendRow } from './backends/backend.entity.js';
import { BackendTransitionRow } from './backends/backend-transition.entity.js';
import { DeadLetterRow } from './dead/dead-letter.entity.js';
import { DeliveryRow } from './deliveries/delivery.entity.js';
import { FactRow } from './facts/fact.entity.js';
import { FrontendRow } from './frontends/frontend.entity.js';
import { FrontendTargetRow } from './frontends/frontend-target.entity.js';
import { Initial1 } from './migrations/1-initial.js';
import { Health2 } from './migrations/2-health.js';
import { GenerationRow } from './parts/generation.entity.js';
import { PartRow } from './parts/part.entity.js';
import { ResourceVersionRow } from './resources/resource-version.entity.js';
import { RunRow } from './runs/run.entity.js';

/** Sequences and counts come as numbers; columns beyond 2^53 (`*_ns`) are always selected as text. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Advisory lock under which migrations run, so that services may start together. */
const MIGRATION_LOCK = 7_446_001;

/** Connections that one process keeps. */
export const POOL_SIZE = 10;

/**
 * A lost connection is told to the query in work and to the pool. A client in between, taken from the pool and without
 * a query, has nobody to tell, and Node ends a process for an error that nobody hears.
 */
class PooledClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** A data source for the site's database; not connected yet. */
export function createDataSource(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: [
      BackendRow,
      BackendTransitionRow,
      DeadLetterRow,
      DeliveryRow,
      FactRow,
      FrontendRow,
      FrontendTargetRow,
      GenerationRow,
      PartRow,
      ResourceVersionRow,
      RunRow,
    ],
    migrations: [Initial1, Health2],
    migrationsTableName: 'migrations',
    poolSize: POOL_SIZE,
    extra: { connectionTimeoutMillis: 5000, keepAlive: true, Client: PooledClient },
    poolErrorHandler: () => undefined,
  });
}

/** Where waiting is reported. */
interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Connects and migrates; waits for Postgres as long as `signal` allows, saying so once. */
export async function openStore(options: {
  url: string;
  log: Log;
  signal?: AbortSignal;
}): Promise<DataSource> {
  const { url, log, signal } = options;
  const dataSource = createDataSource(url);
  const shown = new URL(url).host;
  for (let said = false; ; said = true) {
    try {
      if (!dataSource.isInitialized) await dataSource.initialize();
      await migrate(dataSource);
      if (said) log.info({ postgres: shown }, 'Postgres is there');
      return dataSource;
    } catch (cause) {
      if (signal?.aborted || !isUnavailable(cause)) {
        throw new CodedError(
          'store-unavailable',
          `Postgres at ${shown} cannot be used: ${String(cause)}`,
          [],
          { cause },
        );
      }
      if (!said) log.warn({ postgres: shown, reason: String(cause) }, 'waiting for Postgres');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** Runs what is missing under one advisory lock. */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}

/** Whether an error means that Postgres is away or starting, so that the same statement may work later. */
export function isUnavailable(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  const states = [
    '57P01',
    '57P02',
    '57P03',
    '53300',
    '3D000',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
  ];
  return (
    (code !== undefined && (states.includes(code) || code.startsWith('08'))) ||
    /terminat|timeout|ECONNREFUSED|not connected|connection/i.test(message ?? '')
  );
}
