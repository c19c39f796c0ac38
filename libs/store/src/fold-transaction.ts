import type { Socket } from 'node:net';
import type pg from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';

/** What the fold of a batch reads and writes. */
export interface FoldTables {
  /** Rows as the batches before have left them; nobody else writes the tables of a projection, so they stay so. */
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
 * are under way together (the connections of {@link createDataSource} are pipelined). They are not kept prepared: a plan that
 * was made while a table was small reads all of it when it has grown.
 */
export class FoldTransaction implements FoldTables {
  private readonly statements: Statement[] = [];
  private isGathering = false;

  constructor(private readonly client: pg.ClientBase) {}

  async read<Row extends object>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return (await this.execute<Row>({ text, values })).rows;
  }

  write(text: string, values: readonly unknown[]): void {
    this.statements.push({ text, values });
  }

  /** Throws what the first statement that fails throws; then nothing is written. */
  async commit(): Promise<void> {
    if (this.statements.length === 0) return;
    this.gather();
    const sent = [
      this.client.query('begin'),
      ...this.statements.map((statement) => this.execute(statement)),
      // behind a statement that failed, this takes everything back
      this.client.query('commit'),
    ];
    const failed = (await Promise.allSettled<unknown>(sent)).find((end) => end.status === 'rejected');
    if (failed) throw failed.reason as Error;
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

/** Folds with a connection of the pool, which is given back when `work` ends. */
export async function inFoldTransaction(
  dataSource: DataSource,
  work: (tx: FoldTables) => Promise<void> | void,
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    const tx = await foldTransactionOf(runner);
    await work(tx);
    await tx.commit();
  } finally {
    await runner.release();
  }
}

/** A fold over the connection of a runner. */
export async function foldTransactionOf(runner: QueryRunner): Promise<FoldTransaction> {
  return new FoldTransaction((await runner.connect()) as pg.ClientBase);
}
