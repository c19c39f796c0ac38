import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every table is a projection of one stream, or says what it is; architecture sections 4 and 6. */
const STATEMENTS = [
  // How far a projection has folded a stream. Another stream_created = the stream was made anew = rebuild.
  `create table positions (
     projection text not null, stream text not null, stream_created text not null, seq bigint not null,
     primary key (projection, stream))`,

  // FACTS_<group>, one row per (group, id): the newest record of the id. Owner: ingest.
  `create table facts (
     group_name text not null, id text not null, seq bigint not null, first_seq bigint not null,
     origin text not null, type text not null, subject text not null, dedupe_key text not null,
     lineage text not null, digest text not null, payload jsonb not null,
     observed_at text not null, observed_ns bigint not null, expires_at text, expires_ns bigint,
     version integer not null, own boolean not null, way text not null, accepted_at text not null, travel jsonb,
     primary key (group_name, id))`,
  `create index facts_lineage on facts (group_name, lineage, observed_ns desc, id desc)`,
  `create index facts_by_time on facts (group_name, observed_ns, id)`,
  `create index facts_by_type on facts (group_name, type, seq)`,

  // ACTIVITY activity.delivery.>, one row per (group, peer, fact id). Owner: federation.
  `create table deliveries (
     group_name text not null, peer text not null, id text not null, seq bigint not null, version integer not null,
     state text not null, attempts integer not null, last_attempt_at text not null, observed_at text not null,
     expires_at text, error_code text, error text, delivered_at text, delivered_version integer,
     delivered_expires_at text,
     primary key (group_name, peer, id))`,
  `create index deliveries_by_id on deliveries (group_name, id)`,
  `create index deliveries_by_attempt on deliveries (last_attempt_at, group_name, peer, id)`,

  // ACTIVITY activity.run.> and activity.part.>, one row per run. Owner: matcher.
  `create table runs (
     run_id text primary key, subscription text not null, plugin text not null, group_name text not null,
     source text not null, state text not null, fact_ids text[] not null, planned_at text not null, last_seq bigint not null,
     view text not null)`,
  `create index runs_by_fact on runs using gin (fact_ids)`,
  `create index runs_by_plan on runs (planned_at, run_id)`,
  `create index runs_unfinished on runs (state) where state not in ('succeeded', 'failed', 'withdrawn', 'skipped')`,

  // Folds of FACTS (matched_*) and ACTIVITY (planned_*), both by max of (seq, revision). Owner: matcher.
  `create table matches (
     subscription text not null, lineage text not null, group_name text not null,
     matched_seq bigint not null, matched_revision bigint not null, matched text,
     planned_seq bigint not null, planned_revision bigint not null,
     primary key (subscription, group_name, lineage))`,
  `create index matches_pending on matches (subscription)
     where (matched_seq, matched_revision) > (planned_seq, planned_revision)`,

  // ACTIVITY activity.part.>, one row per part. Owner: renderer.
  `create table parts (
     source text not null, generation integer not null, owner text not null, state text not null, reason text,
     run_id text not null, accepted_seq bigint not null, created_at text not null, updated_at text not null,
     expires_at text not null, body text not null,
     primary key (source, generation))`,
  `create index parts_active on parts (state) where state in ('active', 'quarantined')`,
  `create index parts_by_run on parts (run_id)`,

  // ACTIVITY activity.effective: the newest generation, resource by resource, and the list of generations. Owner: renderer.
  `create table effective_resources (
     api_version text not null, kind text not null, project text not null, name text not null,
     part_source text, part_generation integer, revision bigint, generation integer not null, body text not null,
     primary key (api_version, kind, project, name))`,
  `create index effective_by_part on effective_resources (part_source) where part_source is not null`,
  `create table generations (
     generation integer primary key, at text not null, cause_stream text not null, cause_seq bigint not null,
     revision bigint not null, digest text not null, resources integer not null,
     added integer not null, changed integer not null, removed integer not null, quarantined text not null)`,

  // JOURNAL journal.resources: every version of every resource with its [from, to) revisions. Owner: api.
  `create table revisions (revision bigint primary key, author text not null, message text not null, at text not null)`,
  `create table resource_versions (
     api_version text not null, kind text not null, project text not null, name text not null,
     from_revision bigint not null, to_revision bigint, set_name text, body text not null,
     primary key (api_version, kind, project, name, from_revision))`,
  `create index resource_versions_current on resource_versions (kind, name) where to_revision is null`,

  // JOURNAL journal.token. Owner: api.
  `create table tokens (
     id text primary key, name text not null, hash text not null unique, role text not null,
     created_at text not null, revoked_at text)`,

  // DEAD, one row per dead letter. Owner: api.
  `create table dead_letters (
     seq bigint primary key, service text not null, code text not null, message text not null, subject text not null,
     at text not null, about text not null, body text not null)`,
];

export class Initial1 implements MigrationInterface {
  readonly name = 'Initial1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
