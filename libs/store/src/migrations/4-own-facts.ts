import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the facts of ours that a peer has not got yet: those of its group behind a sequence. */
const STATEMENT = 'create index facts_own_by_seq on facts (group_name, seq) where own';

export class OwnFacts4 implements MigrationInterface {
  readonly name = 'OwnFacts1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(STATEMENT);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
