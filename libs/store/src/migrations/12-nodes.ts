import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Load-balancing nodes and the listeners that they serve; which Listeners a LoadBalancer has, and which a Pool serves. */
const STATEMENTS = [
  // ACTIVITY activity.node.>, one row per node and one per listener that it was told to serve. Owner: balancer.
  `create table nodes (
     name text primary key, version bigint not null, seq bigint not null, driver text not null, state text not null,
     since text not null, at text not null, error text, epoch text, applied_generation bigint, capabilities text not null)`,
  `create table node_listeners (
     node text not null, listener text not null, seq bigint not null, at text not null, state text not null,
     generation bigint not null, address text, port integer, digest text not null, table_digest text, error text,
     warning text,
     primary key (node, listener))`,
  `create index node_listeners_by_listener on node_listeners (listener, node)`,
  `create index node_listeners_refused on node_listeners (node) where state = 'refused'`,

  `create index listeners_by_load_balancer on effective_resources (project, (body::jsonb #>> '{spec,loadBalancer}'), name)
     where kind = 'Listener'`,
  `create index listeners_by_pool on effective_resources using gin ((body::jsonb #> '{spec,pools}')) where kind = 'Listener'`,
];

export class Nodes12 implements MigrationInterface {
  readonly name = 'Nodes1700000000012';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations are forward only'));
  }
}
