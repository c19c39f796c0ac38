import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which nodes operators drained. */
const STATEMENTS = [
  // JOURNAL journal.node.>, one row per node: its newest record. Owner: balancer.
  `create table node_drains (
     node text primary key, seq bigint not null, drained boolean not null, at text not null, author text not null,
     reason text)`,
];

export class NodeDrains25 implements MigrationInterface {
  readonly name = 'NodeDrains1700000000025';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
