import type { MigrationInterface, QueryRunner } from 'typeorm';

/** ADR 0020: which record made a row what it is, so that it can go with that record. Filled by folding anew. */
const STATEMENTS = [
  `alter table parts add column last_seq bigint not null default 0`,
  `alter table generations add column seq bigint not null default 0`,
  `alter table deliveries add column record_seq bigint not null default 0`,
  `delete from positions where projection in ('parts', 'deliveries')`,
];

export class Compaction8 implements MigrationInterface {
  readonly name = 'Compaction1700000000008';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
