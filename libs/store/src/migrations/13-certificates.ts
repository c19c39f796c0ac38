import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nodes say of the certificates that listeners show: never a key. */
const STATEMENTS = [`alter table node_listeners add column certificates text`];

export class Certificates13 implements MigrationInterface {
  readonly name = 'Certificates1700000000013';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
