import type { MigrationInterface, QueryRunner } from 'typeorm';

/** ADR 0019. */
const STATEMENTS = [
  // it could not be told any more once the first record of an id is pruned, and nobody reads it
  `alter table facts drop column first_seq`,
  // of all facts: pruning goes by sequence
  `drop index facts_own_by_seq`,
  `create index facts_by_seq on facts (group_name, seq)`,
];

export class Retention7 implements MigrationInterface {
  readonly name = 'Retention1700000000007';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
