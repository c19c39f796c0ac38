import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A part of a BackendSource is held until the source proposes another one; which registration brought what. */
const STATEMENTS = [
  `alter table parts alter column expires_at drop not null`,
  `create index effective_by_registration on effective_resources
     ((body::jsonb #>> '{metadata,annotations,routerd.net/event-id}')) where starts_with(part_source, 'BackendSource/')`,
];

export class Sources17 implements MigrationInterface {
  readonly name = 'Sources1700000000017';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
