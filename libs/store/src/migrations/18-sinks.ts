import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How sinks stand, what was tried of each, and what operators want of them. */
const STATEMENTS = [
  // ACTIVITY activity.sink.>, one row per sink and one per record that says something new was tried. Owner: sinks.
  `create table sinks (
     name text primary key, version bigint not null, seq bigint not null, at text not null, state text not null,
     revision bigint not null, generation bigint not null, content text, failure text, reason text)`,
  `create table sink_applies (
     sink text not null, version bigint not null, seq bigint not null, at text not null, outcome text not null,
     generation bigint not null, content text, failure text,
     primary key (sink, version))`,
  // JOURNAL journal.sink.>. Owner: sinks.
  `create table sink_intents (name text primary key, seq bigint not null, body text not null)`,
];

export class Sinks18 implements MigrationInterface {
  readonly name = 'Sinks1700000000018';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
