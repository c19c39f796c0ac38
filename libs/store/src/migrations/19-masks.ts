import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What masks hide in a generation; how many directives a part has, to find those that mask. */
const STATEMENTS = [
  `alter table generations add column suppressed text not null default '[]'`,
  `alter table parts add column directives integer not null default 0`,
  `create index parts_with_directives on parts (source, generation) where directives > 0 and state = 'active'`,
];

export class Masks19 implements MigrationInterface {
  readonly name = 'Masks1700000000019';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
