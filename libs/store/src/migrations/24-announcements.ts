import type { MigrationInterface, QueryRunner } from 'typeorm';
import { WRITES_VIP, WRITTEN_VIP } from '../vips/written-vip.js';

/** Which node announces which VIP, to whom; and what is found by the address of a VIP, in the order of addresses. */
const STATEMENTS = [
  `alter table nodes add column traffic_digest text, add column drained boolean not null default false,
     add column vips integer not null default 0, add column announced integer not null default 0, add column peers text`,
  // ACTIVITY activity.node.>, one row per node and VIP that it was told of. Owner: balancer.
  `create table node_vips (
     node text not null, address text not null, seq bigint not null, at text not null, announcement text not null,
     method text not null, state text not null, since text not null, told text, why text,
     primary key (node, address))`,
  `create index node_vips_by_place on node_vips ((address::inet), node)`,
  `create index vip_holders_by_place on vip_holders ((address::inet)) where address is not null`,
  `create index vip_holders_by_project on vip_holders (project, (address::inet)) where address is not null`,
  `create index written_vips_by_place on effective_resources ((${WRITTEN_VIP}))
     where ${WRITES_VIP}`,
  `create index written_vips_by_project on effective_resources (project, (${WRITTEN_VIP}))
     where ${WRITES_VIP}`,
];

export class Announcements24 implements MigrationInterface {
  readonly name = 'Announcements1700000000024';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
