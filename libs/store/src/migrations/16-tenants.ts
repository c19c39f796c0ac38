import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which projects an org has, which quotas are over either, what parts have in a project, and which VIPs a project has. */
const STATEMENTS = [
  `create index projects_by_org on effective_resources ((body::jsonb #>> '{spec,org}'), name) where kind = 'Project'`,
  `create index quotas_by_org on effective_resources ((body::jsonb #>> '{spec,org}'), name) where kind = 'Quota'`,
  `create index quotas_by_project on effective_resources ((body::jsonb #>> '{spec,project}'), name) where kind = 'Quota'`,
  `create index effective_parts_by_project on effective_resources (project, kind) where part_source is not null`,
  `create index vip_addresses_by_project on vip_addresses (project, pool, address)`,
];

export class Tenants16 implements MigrationInterface {
  readonly name = 'Tenants1700000000016';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
