import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers to requests with an Idempotency-Key. A cache: no projection, and gone after a day. ADR 0048. */
const STATEMENTS = [
  `create table kept_answers (
     id text primary key, request text not null, at timestamptz not null, status integer, headers text, body text)`,
  `create index kept_answers_at on kept_answers (at)`,
];

export class KeptAnswers28 implements MigrationInterface {
  readonly name = 'KeptAnswers1700000000028';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
