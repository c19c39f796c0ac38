import { randomBytes } from 'node:crypto';
import { type Bus, streamInfo } from '@signalbox/bus';
import { CodedError, STREAMS } from '@signalbox/contracts';
import type { DataSource, QueryRunner } from 'typeorm';
import { compareTables, type TableReport } from './compare-tables.js';
import { loadPosition } from './positions.js';
import type { Projection } from './projection.js';
import { ScratchFold } from './scratch-fold.js';
import { horizonOf } from './snapshots.js';

/** Advisory lock of the one verification that a site runs at a time; its holder owns every scratch schema. */
const VERIFY_LOCK = 7_446_002;
const SCRATCH_SCHEMA = /^verify_[0-9a-f]{16}$/;

/** What a verification found. */
export interface ProjectionReport {
  readonly name: string;
  readonly stream: string;
  /** Sequence at which both were compared. */
  readonly position: number;
  /** Messages folded again, and those of them that cannot be read. */
  readonly records: number;
  readonly passedOver: number;
  readonly equal: boolean;
  readonly tables: readonly TableReport[];
}

/**
 * Folds projections again beside the live tables and compares (architecture section 6 rule 2). The services go on
 * meanwhile. Needs the right to create schemas in the database. {@link close} it in any case.
 */
export class ProjectionVerifier {
  private constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    /** Holds the lock and folds, so that nobody folds whose lock is lost. */
    private readonly runner: QueryRunner,
  ) {}

  /** Takes the site's lock and drops what a killed verification left. Throws `verify-running`. */
  static async open(bus: Bus, dataSource: DataSource): Promise<ProjectionVerifier> {
    const runner = dataSource.createQueryRunner();
    try {
      await runner.connect();
      const [row] = (await runner.query('select pg_try_advisory_lock($1) as mine', [VERIFY_LOCK])) as [
        { mine: boolean },
      ];
      if (!row.mine)
        throw new CodedError('verify-running', 'a verification of this site is running: wait for its end');
    } catch (error) {
      await runner.release();
      throw error;
    }
    const verifier = new ProjectionVerifier(bus, dataSource, runner);
    try {
      await verifier.dropLeftovers();
      return verifier;
    } catch (error) {
      await verifier.close();
      throw error;
    }
  }

  /**
   * Verifies one projection; one at a time. Throws the reason of an aborted signal, and `not-ready` when the projection
   * is rebuilt meanwhile.
   */
  async verify(projection: Projection, signal: AbortSignal): Promise<ProjectionReport> {
    signal.throwIfAborted();
    const schema = `verify_${randomBytes(8).toString('hex')}`;
    const fold = new ScratchFold(this.bus, this.runner, projection, schema);
    try {
      await fold.createTables();
      return await this.foldAndCompare(projection, fold, schema, signal);
    } finally {
      // when Postgres is away, the next verification does it
      await fold.leaveTables().catch(() => undefined);
      await this.dataSource.query(`drop schema if exists ${schema} cascade`).catch(() => undefined);
    }
  }

  /** Gives the lock back. */
  async close(): Promise<void> {
    await this.runner.query('select pg_advisory_unlock($1)', [VERIFY_LOCK]).catch(() => undefined);
    await this.runner.release();
  }

  /** Nearly everything is folded before the snapshot of the live tables is taken, so that it is not held for long. */
  private async foldAndCompare(
    projection: Projection,
    fold: ScratchFold,
    schema: string,
    signal: AbortSignal,
  ): Promise<ProjectionReport> {
    const { name, stream, tables } = projection;
    const { created, horizon } = await this.stateOf(stream);
    if (horizon > 0) await fold.restore();
    await fold.upTo(await loadPosition(this.dataSource.manager, name, stream, created), signal);
    return this.dataSource.transaction('REPEATABLE READ', async (live) => {
      const position = await loadPosition(live, name, stream, created);
      if (position < fold.position) throw rebuilt(name);
      await fold.upTo(position, signal);
      const now = await this.stateOf(stream);
      if (now.created !== created) throw rebuilt(name);
      const reports = await this.runner.manager.transaction(async (folded) => {
        const done: TableReport[] = [];
        for (const table of tables) {
          const sides = {
            live: { tx: live, table: table.name },
            folded: { tx: folded, table: `${schema}.${table.name}` },
          };
          done.push(await compareTables(table, sides, Math.max(now.firstSeq, now.horizon + 1), signal));
        }
        return done;
      });
      const { records, passedOver } = fold;
      const equal = reports.every((report) => report.equal);
      return { name, stream, position, records, passedOver, equal, tables: reports };
    });
  }

  /** A stream that is not there is like one in which nothing was ever. */
  private async stateOf(stream: string): Promise<{ created: string; firstSeq: number; horizon: number }> {
    const info = await streamInfo(this.bus.manager, stream);
    const horizon = stream === STREAMS.activity ? await horizonOf(this.bus) : 0;
    return { created: info?.created ?? '', firstSeq: info?.state.first_seq ?? 0, horizon };
  }

  private async dropLeftovers(): Promise<void> {
    const rows = (await this.runner.query(`select nspname as name from pg_namespace`)) as { name: string }[];
    const schemas = rows.map(({ name }) => name).filter((name) => SCRATCH_SCHEMA.test(name));
    for (const schema of schemas) await this.runner.query(`drop schema if exists ${schema} cascade`);
    if (schemas.length > 0) this.bus.log.info({ schemas }, 'dropped what a killed verification had left');
  }
}

function rebuilt(projection: string): CodedError {
  return new CodedError('not-ready', `the projection ${projection} is being rebuilt: verify it again later`);
}
