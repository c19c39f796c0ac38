import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables of health checking and load balancing; architecture section 4 names their owners. */
const STATEMENTS = [
  // ACTIVITY activity.backend.>, one row per name: its newest record. Owner: health.
  `create table backends (
     name text primary key, version bigint not null, seq bigint not null, state text not null, since text not null,
     at text not null, address text not null, healthcheck text, result text not null, noted_by text)`,
  `create index backends_by_state on backends (state, name)`,

  // The same records, one row each: the history. Owner: health.
  `create table backend_transitions (
     backend text not null, version bigint not null, seq bigint not null, at text not null,
     from_state text, to_state text not null, result text not null, noted_by text,
     primary key (backend, version))`,

  // JOURNAL journal.backend.>, one row per name: what an operator wants. Owner: health.
  `create table backend_intents (name text primary key, seq bigint not null, body text not null)`,

  // A cache, not a projection: counters of backends as they were last saved. Losing it costs a probe. Owner: health.
  `create table backend_counters (
     name text primary key, version bigint not null, counter integer not null, verified boolean not null)`,
  `create table probed_until (service text primary key, at text not null)`,

  // ACTIVITY activity.frontend.>, one row per name and one per target. Owner: balancer.
  `create table frontends (
     name text primary key, version bigint not null, seq bigint not null, state text not null, since text not null,
     at text not null, active_pool text not null)`,
  `create table frontend_targets (
     frontend text not null, pool text not null, backend text not null, seq bigint not null, since text not null,
     address text, weight integer not null, effective integer not null, flush boolean not null,
     rule text not null, why text not null,
     primary key (frontend, pool, backend))`,
  `create index frontend_targets_by_backend on frontend_targets (backend)`,

  // JOURNAL journal.frontend.>, one row per weight that an operator set. Owner: balancer.
  `create table weight_overrides (
     frontend text not null, pool text not null, backend text not null, seq bigint not null, body text not null,
     primary key (frontend, pool, backend))`,
];

export class Health2 implements MigrationInterface {
  readonly name = 'Health1700000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
