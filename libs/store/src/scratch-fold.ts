import type { Bus, StreamMessage } from '@signalbox/bus';
import type { QueryRunner } from 'typeorm';
import { foldTransactionOf } from './fold-transaction.js';
import type { Projection } from './projection.js';
import { passOverPoison } from './projector.js';
import { readUpTo } from './read-up-to.js';
import { restoreSnapshot } from './snapshots.js';

/**
 * A projection folded again, from the first message of its stream, into tables of its own. `apply` finds them by the
 * search path, in which nothing else stands: a table that is missing here is an error, never a write to the live one.
 */
export class ScratchFold {
  /** Sequence up to which it is folded. */
  position = 0;
  /** Messages read. */
  records = 0;
  /** Messages that cannot be read: the projector passes over them, and so does this. */
  passedOver = 0;

  constructor(
    private readonly bus: Bus,
    private readonly runner: QueryRunner,
    private readonly projection: Projection,
    private readonly schema: string,
  ) {}

  /** Makes the empty tables; what they are is taken from the live ones. Nobody needs them after a crash. */
  async createTables(): Promise<void> {
    const { tables, alsoWrites = [] } = this.projection;
    await this.runner.query(`create schema ${this.schema}`);
    for (const name of [...tables.map((table) => table.name), ...alsoWrites])
      await this.runner.query(`create unlogged table ${this.schema}.${name} (like ${name} including all)`);
    await this.runner.query(`set search_path to ${this.schema}`);
  }

  /** The connection finds the live tables again. */
  async leaveTables(): Promise<void> {
    await this.runner.query('reset search_path');
  }

  /** Starts from the newest snapshot: the records that it stands for are no longer there. */
  async restore(): Promise<void> {
    this.position = await restoreSnapshot(this.bus, this.runner.manager, this.projection.name);
  }

  /** Folds on up to a sequence, this one included. Throws the reason of an aborted signal. */
  async upTo(seq: number, signal: AbortSignal): Promise<void> {
    const { stream, filter } = this.projection;
    await readUpTo(
      this.bus,
      { stream, fromSeq: this.position + 1, toSeq: seq, ...(filter !== undefined && { filter }) },
      async (batch) => {
        await passOverPoison(
          batch,
          (messages) => this.commit(messages),
          () => void (this.passedOver += 1),
        );
        this.records += batch.length;
      },
      signal,
    );
    this.position = seq;
  }

  private async commit(messages: readonly StreamMessage[]): Promise<void> {
    const tx = await foldTransactionOf(this.runner);
    await this.projection.apply(messages, tx);
    await tx.commit();
  }
}
