import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which L7Policies send requests to a Pool. */
const STATEMENTS = [
  `create index l7_policies_by_pool on effective_resources (project, (body::jsonb #>> '{spec,redirectPool}'))
     where kind = 'L7Policy'`,
];

export class PolicyPools15 implements MigrationInterface {
  readonly name = 'PolicyPools1700000000015';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
