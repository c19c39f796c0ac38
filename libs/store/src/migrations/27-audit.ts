import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people changed, by who, what and when. */
const STATEMENTS = [
  // JOURNAL journal.>: one row for each thing that a record changes. Owner: api.
  `create table audit_entries (
     seq bigint not null, place integer not null, at text not null, author text not null, subject text, address text,
     agent text, action text not null, api_version text, kind text not null, project text not null, name text not null,
     part text not null, reason text not null, detail text, primary key (seq, place))`,
  // names and texts may be longer than an entry of an index
  `create index audit_entries_object on audit_entries (kind, left(name, 200), seq)`,
  `create index audit_entries_author on audit_entries (left(author, 200), seq)`,
  `create index audit_entries_subject on audit_entries (left(subject, 200), seq)`,
  `create index audit_entries_project on audit_entries (left(project, 200), seq)`,
];

export class Audit27 implements MigrationInterface {
  readonly name = 'Audit1700000000027';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
