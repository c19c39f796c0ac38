import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The first fact that waits of a lineage, and when it came (milliseconds since 1970): a batch starts by it (ADR 0033). */
const STATEMENTS = [
  'alter table pending_facts add column since_seq bigint, add column since_ms double precision',
];

export class BatchWindows20 implements MigrationInterface {
  readonly name = 'BatchWindows1700000000020';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
