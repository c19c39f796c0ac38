import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What nodes say of the certificates that listeners show, never a key; which L7Policies a Listener has, and which rules these. */
const STATEMENTS = [
  `alter table node_listeners add column certificates text`,
  `create index l7_policies_by_listener on effective_resources (project, (body::jsonb #>> '{spec,listener}'))
     where kind = 'L7Policy'`,
  `create index l7_rules_by_policy on effective_resources (project, (body::jsonb #>> '{spec,policy}'))
     where kind = 'L7Rule'`,
];

export class Certificates14 implements MigrationInterface {
  readonly name = 'Certificates1700000000014';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
