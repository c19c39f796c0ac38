import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was retracted and stands for its grace: working state of the matcher, as `pending_facts` (ADR 0038). */
const STATEMENTS = [
  `create table pending_withdrawals (
     subscription text not null, group_name text not null, lineage text not null,
     due_at text not null, reason text not null, body text not null,
     primary key (subscription, group_name, lineage))`,
];

export class PendingWithdrawals22 implements MigrationInterface {
  readonly name = 'PendingWithdrawals1700000000022';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
