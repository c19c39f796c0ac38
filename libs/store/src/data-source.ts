import { CodedError, tlsFault } from '@signalbox/contracts';
import pg from 'pg';
import { DataSource, type QueryRunner } from 'typeorm';
import { BackendRow } from './backends/backend.entity.js';
import { BackendTransitionRow } from './backends/backend-transition.entity.js';
import { DeadLetterRow } from './dead/dead-letter.entity.js';
import { DeliveryRow } from './deliveries/delivery.entity.js';
import { FactRow } from './facts/fact.entity.js';
import { FrontendRow } from './frontends/frontend.entity.js';
import { FrontendTargetRow } from './frontends/frontend-target.entity.js';
import { Initial1 } from './migrations/1-initial.js';
import { Health2 } from './migrations/2-health.js';
import { FactOrder3 } from './migrations/3-fact-order.js';
import { OwnFacts4 } from './migrations/4-own-facts.js';
import { WeightUntil5 } from './migrations/5-weight-until.js';
import { Batches6 } from './migrations/6-batches.js';
import { Retention7 } from './migrations/7-retention.js';
import { Compaction8 } from './migrations/8-compaction.js';
import { BackendPort10 } from './migrations/10-backend-port.js';
import { Projects11 } from './migrations/11-projects.js';
import { Nodes12 } from './migrations/12-nodes.js';
import { Vips13 } from './migrations/13-vips.js';
import { Certificates14 } from './migrations/14-certificates.js';
import { PolicyPools15 } from './migrations/15-policy-pools.js';
import { Tenants16 } from './migrations/16-tenants.js';
import { Sources17 } from './migrations/17-sources.js';
import { Sinks18 } from './migrations/18-sinks.js';
import { Masks19 } from './migrations/19-masks.js';
import { BatchWindows20 } from './migrations/20-batch-windows.js';
import { Versions21 } from './migrations/21-versions.js';
import { PendingWithdrawals22 } from './migrations/22-pending-withdrawals.js';
import { Revisions23 } from './migrations/23-revisions.js';
import { Announcements24 } from './migrations/24-announcements.js';
import { NodeDrains25 } from './migrations/25-node-drains.js';
import { KeptAnswers28 } from './migrations/28-kept-answers.js';
import { Standings29 } from './migrations/29-standings.js';
import { Audit27 } from './migrations/27-audit.js';
import { Reading9 } from './migrations/9-reading.js';
import { NodeListenerRow } from './nodes/node-listener.entity.js';
import { NodeVipRow } from './nodes/node-vip.entity.js';
import { NodeRow } from './nodes/node.entity.js';
import { GenerationRow } from './parts/generation.entity.js';
import { PartRow } from './parts/part.entity.js';
import { ResourceVersionRow } from './resources/resource-version.entity.js';
import { RunRow } from './runs/run.entity.js';
import { SinkApplyRow } from './sinks/sink-apply.entity.js';
import { SinkRow } from './sinks/sink.entity.js';
import { type StoreAccess, tlsOf } from './store-access.js';
import { type LinkLog, StoreLink } from './store-link.js';
import { isUnavailable } from './unavailable.js';
import { VipAddressRow } from './vips/vip-address.entity.js';
import { VipHolderRow } from './vips/vip-holder.entity.js';

/** Sequences and counts come as numbers; columns beyond 2^53 (`*_ns`) are always selected as text. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Advisory lock under which migrations run, so that services may start together. */
const MIGRATION_LOCK = 7_446_001;

/** Connections that one process keeps. */
export const POOL_SIZE = 10;

/** A peer that vanished without a word is noticed by the kernel, not by a query that never ends. */
const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

/** A data source for the site's database; not connected yet. `link` learns whether Postgres is there. */
export function createDataSource(to: string | StoreAccess, link = new StoreLink()): DataSource {
  const access = typeof to === 'string' ? { url: to } : to;
  const ssl = tlsOf(access);
  return new DataSource({
    type: 'postgres',
    url: access.url,
    ...(ssl && { ssl }),
    entities: [
      BackendRow,
      BackendTransitionRow,
      DeadLetterRow,
      DeliveryRow,
      FactRow,
      FrontendRow,
      FrontendTargetRow,
      GenerationRow,
      NodeListenerRow,
      NodeVipRow,
      NodeRow,
      PartRow,
      ResourceVersionRow,
      RunRow,
      SinkApplyRow,
      SinkRow,
      VipAddressRow,
      VipHolderRow,
    ],
    migrations: [
      Initial1,
      Health2,
      FactOrder3,
      OwnFacts4,
      WeightUntil5,
      Batches6,
      Retention7,
      Compaction8,
      Reading9,
      BackendPort10,
      Projects11,
      Nodes12,
      Vips13,
      Certificates14,
      PolicyPools15,
      Tenants16,
      Sources17,
      Sinks18,
      Masks19,
      BatchWindows20,
      Versions21,
      PendingWithdrawals22,
      Revisions23,
      Announcements24,
      NodeDrains25,
      KeptAnswers28,
      Standings29,
      Audit27,
    ],
    migrationsTableName: 'migrations',
    poolSize: POOL_SIZE,
    // one connection stays, so that the process hears at once when Postgres goes; statements that are under way together
    // wait for no answer of the one before (FoldTransaction)
    extra: {
      pipeline: true,
      connectionTimeoutMillis: 5000,
      ...KEEP_ALIVE,
      min: 1,
      Client: link.clientClass(),
    },
    poolErrorHandler: () => undefined,
  });
}

/** A connected and migrated database, and whether it is still there. */
export interface Store {
  readonly dataSource: DataSource;
  readonly link: StoreLink;
}

/** Connects and migrates; waits for Postgres as long as `signal` allows, saying so once for each reason. */
export async function openStore(
  options: StoreAccess & { readonly log: LinkLog; readonly signal?: AbortSignal },
): Promise<Store> {
  const { url, log, signal } = options;
  const link = new StoreLink();
  const dataSource = createDataSource(options, link);
  const shown = new URL(url).host;
  const told = new Set<string>();
  for (;;) {
    try {
      if (!dataSource.isInitialized) await dataSource.initialize();
      await migrate(dataSource);
      if (told.size > 0) log.info({ postgres: shown }, 'Postgres is there');
      link.watch(log, options);
      return { dataSource, link };
    } catch (cause) {
      if (cause instanceof CodedError && cause.code === 'store-newer') throw cause;
      if (signal?.aborted || !isUnavailable(cause)) {
        throw new CodedError(
          'store-unavailable',
          `Postgres at ${shown} cannot be used: ${String(cause)}`,
          [],
          { cause },
        );
      }
      const fault = certificateFault(cause);
      const reason = fault ?? String(cause);
      const code = fault === undefined ? {} : { code: 'certificate-refused' };
      if (!told.has(reason)) log.warn({ postgres: shown, reason, ...code }, 'waiting for Postgres');
      told.add(reason);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** What certificates have to do with it, with the settings to look at. */
function certificateFault(cause: unknown): string | undefined {
  const fault = tlsFault((cause as { code?: string }).code);
  if (fault === undefined) return undefined;
  return `${fault}: look at DATABASE_CA_FILE, DATABASE_CERT_FILE and the host of DATABASE_URL (${String(cause)})`;
}

/**
 * Runs what is missing under one advisory lock.
 *
 * @throws CodedError `store-newer` when a version wrote there that has migrations which this one does not know: what this one
 *   would make of such tables is not known either
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  await runner.connect();
  try {
    await runner.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewer(runner, dataSource);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await runner.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}

async function refuseNewer(runner: QueryRunner, { migrations }: DataSource): Promise<void> {
  if (!(await runner.hasTable('migrations'))) return;
  const known = migrations.map((migration) => migration.name ?? migration.constructor.name);
  const newer = (await runner.query(
    'select name from migrations where not name = any($1::text[]) order by id limit 5',
    [known],
  )) as { name: string }[];
  if (newer.length === 0) return;
  const names = newer.map(({ name }) => name).join(', ');
  throw new CodedError(
    'store-newer',
    `the database is of a newer Signalbox (${names}): install that version again, or restore the backup from before the upgrade`,
  );
}
