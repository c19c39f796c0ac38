import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a revision changed is found by it. */
const STATEMENTS = [
  `create index resource_versions_begun on resource_versions (from_revision, api_version, kind, project, name)`,
  `create index resource_versions_ended on resource_versions (to_revision, api_version, kind, project, name)
     where to_revision is not null`,
];

export class Revisions23 implements MigrationInterface {
  readonly name = 'Revisions1700000000023';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
