import type { Socket } from 'node:net';
import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import { isFoldedAlready } from './positions.js';

/** What the fold of a batch reads and writes. */
export interface FoldTables {
  /** Rows as the batches before have left them. Who mends them before the commit makes it fail, see {@link inFoldTransaction}. */
  read<Row extends object>(statement: string, values: readonly unknown[]): Promise<Row[]>;
  /** Is executed behind what was written before, in the transaction that also moves the position. */
  write(statement: string, values: readonly unknown[]): void;
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/**
 * Gathers what a fold writes, and executes it as one transaction in one round trip: `begin`, the statements and `commit`
 * are under way together (the connections of {@link createDataSource} are pipelined), as are `begin` and the first reads. They
 * are not kept prepared: a plan that was made while a table was small reads all of it when it has grown.
 */
class FoldTransaction implements FoldTables {
  private readonly statements: Statement[] = [];
  private begun: Promise<unknown> | undefined;
  private isGathering = false;

  constructor(private readonly client: pg.ClientBase) {}

  async read<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
    void this.begin();
    return (await this.execute<Row>({ text, values })).rows;
  }

  write(text: string, values: readonly unknown[]): void {
    this.statements.push({ text, values });
  }

  /** Throws what the first statement that fails throws; then nothing is written. */
  async commit(): Promise<void> {
    if (this.statements.length === 0 && !this.begun) return;
    const sent = [
      this.begin(),
      ...this.statements.map((statement) => this.execute(statement)),
      // behind a statement that failed, this takes everything back
      this.execute({ text: 'commit', values: [] }),
    ];
    this.begun = undefined;
    const failed = (await Promise.allSettled<unknown>(sent)).find((end) => end.status === 'rejected');
    if (failed) throw failed.reason as Error;
  }

  /** Ends what was begun and not committed. */
  async rollback(): Promise<void> {
    if (this.begun) await this.execute({ text: 'rollback', values: [] }).catch(() => undefined);
  }

  /** What is read stays as it was until the commit, or the commit fails. */
  private begin(): Promise<unknown> {
    this.begun ??= this.execute({ text: 'begin isolation level repeatable read', values: [] });
    this.begun.catch(() => undefined);
    return this.begun;
  }

  /** What is asked in one turn leaves in one write: the client makes one for each statement. */
  private gather(): void {
    if (this.isGathering) return;
    this.isGathering = true;
    const { stream } = (this.client as unknown as { readonly connection: { readonly stream: Socket } })
      .connection;
    stream.cork();
    process.nextTick(() => {
      this.isGathering = false;
      stream.uncork();
    });
  }

  private execute<Row extends object>({ text, values }: Statement): Promise<pg.QueryResult<Row>> {
    this.gather();
    return this.client.query<Row>({ text, values: [...values] });
  }
}

/**
 * Folds with a connection of the pool, which is given back when `work` ends. Somebody who changed the same rows meanwhile comes
 * first: then `work` is done again from what is there now, after `lookAgain`.
 */
export async function inFoldTransaction(
  dataSource: DataSource,
  work: (tx: FoldTables) => Promise<void> | void,
  lookAgain: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    for (;;) {
      try {
        return await foldWith(runner, work);
      } catch (error) {
        if (!isOverruled(error) && !isFoldedAlready(error)) throw error;
        await lookAgain();
      }
    }
  } finally {
    await runner.release();
  }
}

/** Codes of Postgres: serialization failure, deadlock. */
const OVERRULED: readonly unknown[] = ['40001', '40P01'];

/** Whether a transaction was given up because of another one, and may be made again as it is. */
export function isOverruled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && OVERRULED.includes(error.code);
}

/** A fold over the connection of a runner. What `work` throws is thrown, and nothing is written. */
async function foldWith(runner: QueryRunner, work: (tx: FoldTables) => Promise<void> | void): Promise<void> {
  await (
    await foldAhead(runner, work)
  ).committed;
}

/**
 * As {@link foldWith}, without waiting for the commit: what is sent over the same connection comes behind it. Await `committed`
 * before the end of the work; it throws what the commit throws.
 */
export async function foldAhead(
  runner: QueryRunner,
  work: (tx: FoldTables) => Promise<void> | void,
): Promise<{ readonly committed: Promise<void> }> {
  const tx = new FoldTransaction((await runner.connect()) as pg.ClientBase);
  try {
    await work(tx);
  } catch (error) {
    await tx.rollback();
    throw error;
  }
  return { committed: tx.commit() };
}
