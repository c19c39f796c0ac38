import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What lists of subscriptions and plugins say of their runs: how many are not over or failed, and which was the last. ADR 0049. */
const STATEMENTS = [
  `create index runs_open_by_subscription on runs (subscription, state)
     where state not in ('succeeded', 'skipped', 'withdrawn')`,
  `create index runs_open_by_plugin on runs (plugin, state)
     where state not in ('succeeded', 'skipped', 'withdrawn')`,
  `create index runs_by_plugin on runs (plugin, planned_at, run_id)`,
];

export class Standings29 implements MigrationInterface {
  readonly name = 'Standings1700000000029';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
