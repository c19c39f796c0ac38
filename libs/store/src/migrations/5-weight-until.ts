import type { MigrationInterface, QueryRunner } from 'typeorm';

export class WeightUntil5 implements MigrationInterface {
  readonly name = 'WeightUntil1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table frontend_targets add column until text');
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
