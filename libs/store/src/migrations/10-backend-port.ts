import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Several servers on one address: a backend may have a port of its own. */
const STATEMENTS = [
  `alter table backends add column port integer`,
  `alter table frontend_targets add column port integer`,
];

export class BackendPort10 implements MigrationInterface {
  readonly name = 'BackendPort1700000000010';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
