import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which VIPs are held or in quarantine, and who has which or waits for one. */
const STATEMENTS = [
  // ACTIVITY activity.vip, one row per address that is not free and one per holder. Owner: balancer.
  `create table vip_addresses (
     address text primary key, seq bigint not null, at text not null, pool text not null, project text not null,
     state text not null, sharing text, until text, last_kind text, last_name text)`,
  `create table vip_holders (
     kind text not null, name text not null, seq bigint not null, at text not null, project text not null,
     state text not null, address text, pool text, code text, reason text,
     primary key (kind, name))`,
  `create index vip_addresses_by_pool on vip_addresses (pool, state)`,
  `create index vip_holders_by_address on vip_holders (address) where address is not null`,
  `create index vip_holders_waiting on vip_holders (kind, name) where state = 'waiting'`,
  `create index load_balancers_by_claim on effective_resources (project, (body::jsonb #>> '{spec,vipClaim}'), name)
     where kind = 'LoadBalancer'`,
];

export class Vips13 implements MigrationInterface {
  readonly name = 'Vips1700000000013';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
