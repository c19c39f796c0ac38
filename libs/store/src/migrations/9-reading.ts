import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every list of the API is read by an index, page by page. An index that
 * served one order is made to serve a list as well before a new one is added.
 */
const STATEMENTS = [
  // facts by time, of a type, about a subject, from a source. The last column is when a fact is over, never for one without an
  // end: those that are over are passed over in the index, without their rows.
  `drop index facts_by_time`,
  `create index facts_by_time on facts
     (group_name, observed_ns, id, (coalesce(expires_ns, 9223372036854775807)))`,
  `drop index facts_by_type`,
  `create index facts_by_type on facts
     (group_name, type, observed_ns, id, (coalesce(expires_ns, 9223372036854775807)))`,
  `create index facts_by_origin on facts
     (group_name, origin, observed_ns, id, (coalesce(expires_ns, 9223372036854775807)))`,
  // with the beginning only: a whole subject may be longer than an entry of an index
  `create index facts_by_subject on facts (group_name, left(subject, 64), observed_ns, id)`,

  // runs of a state, also of those that are not over; runs of a subscription
  `drop index runs_unfinished`,
  `create index runs_by_state on runs (state, planned_at, run_id)`,
  `create index runs_by_subscription on runs (subscription, planned_at, run_id)`,

  // the order of the list: sources upwards, the newest generation of each first
  `alter table parts drop constraint parts_pkey`,
  `create unique index parts_key on parts (source, generation desc)`,
  `drop index parts_live`,
  `create index parts_by_state on parts (state, source, generation desc)`,
  `create index parts_by_owner on parts (owner, source, generation desc)`,
  // the last ones to expire
  `create index parts_expired on parts (updated_at desc, source, generation) where state = 'expired'`,
  // whether any part changed since the effective config was read
  `create index parts_by_record on parts (last_seq)`,

  // of an event, whatever its group
  `drop index deliveries_by_id`,
  `create index deliveries_by_id on deliveries (id, group_name)`,
  `create index deliveries_by_peer on deliveries (peer, last_attempt_at, group_name, id)`,
  // the few that did not arrive
  `create index deliveries_open on deliveries (state, last_attempt_at, group_name, peer, id) where state <> 'delivered'`,

  // the backends that a health check probes
  `create index backends_by_check on backends (healthcheck, name)`,

  // resources as they stand: all of them, of a kind, of a name
  `drop index resource_versions_current`,
  `create index resources_by_identity on resource_versions (api_version, kind, project, name) where to_revision is null`,
  `create index resources_by_kind on resource_versions (kind, api_version, project, name) where to_revision is null`,
  `create index resources_by_name on resource_versions (name, kind) where to_revision is null`,

  `create index dead_letters_by_service on dead_letters (service, seq)`,
  `create index dead_letters_by_code on dead_letters (code, seq)`,
];

export class Reading9 implements MigrationInterface {
  readonly name = 'Reading1700000000009';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
