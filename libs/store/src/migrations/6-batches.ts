import type { MigrationInterface, QueryRunner } from 'typeorm';

/** ADR 0008. */
const STATEMENTS = [
  // the live parts of a source, whatever it had before
  `drop index parts_active`,
  `create index parts_live on parts (source, generation) where state in ('active', 'quarantined')`,
  // what the matcher has to know beyond the streams: see PendingStore
  `drop table matches`,
  `create table pending_facts (
     subscription text not null, group_name text not null, lineage text not null,
     seq bigint not null, revision bigint not null, matched text not null,
     primary key (subscription, group_name, lineage))`,
];

export class Batches6 implements MigrationInterface {
  readonly name = 'Batches1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
