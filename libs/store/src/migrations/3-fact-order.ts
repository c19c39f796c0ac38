import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The order of facts in a lineage: ADR 0009. Facts of records without the member have 0, as a rebuild gives them. */
const STATEMENTS = [
  `alter table facts add column origin_sequence bigint not null default 0`,
  `drop index facts_lineage`,
  `create index facts_lineage on facts
     (group_name, lineage, observed_ns desc, origin_sequence desc, id collate "C" desc)`,
];

export class FactOrder3 implements MigrationInterface {
  readonly name = 'FactOrder1700000000003';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
