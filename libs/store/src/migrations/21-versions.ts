import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * ADR 0034: every version of every resource of the effective config, so that a past generation is read and not folded.
 * `since`: when a generation came into force, by a clock that never goes back. Filled by folding anew.
 */
const STATEMENTS = [
  `alter table generations add column since text not null default '',
                           add column complete boolean not null default true`,
  `create index generations_by_time on generations (since, generation) where complete`,

  // Owner: renderer. [from_generation, to_generation); open until the resource changes or goes.
  `create table effective_versions (
     api_version text not null, kind text not null, project text not null, name text not null,
     from_generation integer not null, to_generation integer, part_source text, part_generation integer, revision bigint,
     last_seq bigint not null, body text not null,
     primary key (api_version, kind, project, name, from_generation))`,
  `create index effective_versions_open on effective_versions (api_version, kind, project, name)
     where to_generation is null`,
  `create index effective_versions_over on effective_versions using spgist (int4range(from_generation, to_generation))
     where to_generation is not null`,
  `create index effective_versions_begun on effective_versions (from_generation)`,
  `create index effective_versions_ended on effective_versions (to_generation) where to_generation is not null`,

  // which part of a source was in force at a time
  `create index parts_by_time on parts (source, created_at, generation)`,
  `delete from positions where projection = 'parts'`,
];

export class Versions21 implements MigrationInterface {
  readonly name = 'Versions1700000000021';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
