import { randomBytes } from 'node:crypto';
import type { Bus } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Projection } from './projection.js';
import { CompactedMeanwhile, ScratchFold } from './scratch-fold.js';

/** Advisory lock of the one work that a site does beside its live tables; its holder owns every scratch schema. */
const SCRATCH_LOCK = 7_446_002;
const SCRATCH_SCHEMA = /^scratch_[0-9a-f]{16}$/;

/** How often a fold begins anew because records of ACTIVITY were compacted under it. */
const FOLDS = 20;

/**
 * Where projections are folded again beside the live tables (architecture section 6 rule 2), to compare or to mend them. The
 * services go on meanwhile. Needs the right to create schemas in the database. {@link close} it in any case.
 */
export class ScratchSpace {
  private constructor(
    readonly bus: Bus,
    readonly dataSource: DataSource,
    /** Holds the lock and folds, so that nobody folds whose lock is lost. */
    private readonly runner: QueryRunner,
  ) {}

  /** Takes the site's lock and drops what a killed one left. Throws `verify-running`. */
  static async open(bus: Bus, dataSource: DataSource): Promise<ScratchSpace> {
    const runner = dataSource.createQueryRunner();
    try {
      await runner.connect();
      const [row] = (await runner.query('select pg_try_advisory_lock($1) as mine', [SCRATCH_LOCK])) as [
        { mine: boolean },
      ];
      if (!row.mine)
        throw new CodedError(
          'verify-running',
          'projections of this site are being verified or rebuilt: wait for the end of that',
        );
    } catch (error) {
      await runner.release();
      throw error;
    }
    const space = new ScratchSpace(bus, dataSource, runner);
    try {
      await space.dropLeftovers();
      return space;
    } catch (error) {
      await space.close();
      throw error;
    }
  }

  /**
   * Gives `work` a fold of a projection with nothing in it yet but what a snapshot stands for; one at a time. Done again when
   * records were compacted meanwhile. Throws what `work` throws, and the reason of an aborted signal.
   */
  async fold<T>(
    projection: Projection,
    signal: AbortSignal,
    work: (fold: ScratchFold) => Promise<T>,
  ): Promise<T> {
    for (let times = 1; ; times += 1) {
      signal.throwIfAborted();
      const schema = `scratch_${randomBytes(8).toString('hex')}`;
      const fold = new ScratchFold(this.bus, this.runner, projection, schema);
      try {
        await fold.begin();
        return await work(fold);
      } catch (error) {
        if (!(error instanceof CompactedMeanwhile)) throw error;
        if (times === FOLDS)
          throw new CodedError('not-ready', 'ACTIVITY is being compacted all the time: try again later');
      } finally {
        // when Postgres is away, who opens the next space does it
        await fold.end().catch(() => undefined);
        await this.dataSource.query(`drop schema if exists ${schema} cascade`).catch(() => undefined);
      }
    }
  }

  /** Gives the lock back. */
  async close(): Promise<void> {
    await this.runner.query('select pg_advisory_unlock($1)', [SCRATCH_LOCK]).catch(() => undefined);
    await this.runner.release();
  }

  private async dropLeftovers(): Promise<void> {
    const rows = (await this.runner.query(`select nspname as name from pg_namespace`)) as { name: string }[];
    const schemas = rows.map(({ name }) => name).filter((name) => SCRATCH_SCHEMA.test(name));
    for (const schema of schemas) await this.runner.query(`drop schema if exists ${schema} cascade`);
    if (schemas.length > 0)
      this.bus.log.info({ schemas }, 'dropped what a verification or rebuild that was killed had left');
  }
}
