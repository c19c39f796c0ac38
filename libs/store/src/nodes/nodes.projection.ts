import { decodeNodeRecord, type NodeRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import type { FoldTables } from '../fold-transaction.js';
import { inRounds, jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

type Sequenced = NodeRecord & { readonly seq: number };

/** `nodes`, `node_listeners` and `node_vips` = fold of `activity.node.>`: what each node said last of itself, of each listener and of each VIP. */
export const nodesProjection: Projection = {
  name: 'nodes',
  owner: 'balancer',
  stream: STREAMS.activity,
  filter: SUBJECTS.allNodeActivity,
  addedIn: '0.2.0',
  tables: [
    { name: 'nodes', key: ['name'] },
    { name: 'node_listeners', key: ['node', 'listener'] },
    { name: 'node_vips', key: ['node', 'address'] },
  ],
  apply: async (batch, tx) => {
    const records = batch.map(({ data, seq }): Sequenced => ({ ...decodeNodeRecord(data), seq }));
    for (const round of inRounds(records, ({ node }) => node)) fold(round, tx);
  },
};

/** Records of distinct nodes. */
function fold(records: readonly Sequenced[], tx: FoldTables): void {
  const nodes = records.map(
    ({ error, capabilities, drained, vipCounts, peers, whole: isWhole, ...record }) => ({
      ...record,
      error: error ? JSON.stringify(error) : null,
      capabilities: JSON.stringify(capabilities),
      drained: drained ?? false,
      vips: vipCounts?.all ?? 0,
      announced: vipCounts?.announced ?? 0,
      // told when one changed, and in whole
      peers: peers ? JSON.stringify(peers) : null,
      tellsPeers: peers !== undefined || isWhole === true,
    }),
  );
  tx.write(
    `insert into nodes
     select r.node, r.version, r.seq, r.driver, r.state, r.at, r.at, r.error, r.epoch, r."appliedGeneration", r.capabilities,
            r."trafficDigest", r.drained, r.vips, r.announced,
            case when r."tellsPeers" then r.peers else old.peers end
       from jsonb_to_recordset($1::jsonb) as r(node text, version bigint, seq bigint, driver text, state text, at text,
         error text, epoch text, "appliedGeneration" bigint, capabilities text, "trafficDigest" text, drained boolean,
         vips integer, announced integer, peers text, "tellsPeers" boolean)
       left join nodes old on old.name = r.node
     on conflict (name) do update set version = excluded.version, seq = excluded.seq, driver = excluded.driver,
       since = case when nodes.state = excluded.state then nodes.since else excluded.since end,
       state = excluded.state, at = excluded.at, error = excluded.error, epoch = excluded.epoch,
       applied_generation = excluded.applied_generation, capabilities = excluded.capabilities,
       traffic_digest = excluded.traffic_digest, drained = excluded.drained, vips = excluded.vips,
       announced = excluded.announced, peers = excluded.peers`,
    [jsonRows(nodes)],
  );
  foldListeners(records, tx);
  foldVips(records, tx);
}

function foldListeners(records: readonly Sequenced[], tx: FoldTables): void {
  const whole = records.filter((record) => record.whole).map(({ node }) => ({ node }));
  if (whole.length > 0) {
    tx.write(
      `delete from node_listeners t using jsonb_to_recordset($1::jsonb) as r(node text) where t.node = r.node`,
      [jsonRows(whole)],
    );
  }
  const gone = records.flatMap(({ node, gone: left }) => left.map((listener) => ({ node, listener })));
  if (gone.length > 0) {
    tx.write(
      `delete from node_listeners t using jsonb_to_recordset($1::jsonb) as r(node text, listener text)
        where (t.node, t.listener) = (r.node, r.listener)`,
      [jsonRows(gone)],
    );
  }
  const listeners = records.flatMap(({ node, seq, at, listeners: changed }) =>
    changed.map(({ name, listensAt, error, certificates, ...report }) => ({
      ...report,
      ...{ node, listener: name, seq, at },
      address: listensAt?.address ?? null,
      port: listensAt?.port ?? null,
      error: error ? JSON.stringify(error) : null,
      certificates: certificates ? JSON.stringify(certificates) : null,
    })),
  );
  if (listeners.length === 0) return;
  tx.write(
    `insert into node_listeners
     select r.node, r.listener, r.seq, r.at, r.state, r.generation, r.address, r.port, r.digest, r."tableDigest",
            r.error, r.warning, r.certificates
       from jsonb_to_recordset($1::jsonb) as r(node text, listener text, seq bigint, at text, state text,
         generation bigint, address text, port integer, digest text, "tableDigest" text, error text, warning text,
         certificates text)
     on conflict (node, listener) do update set seq = excluded.seq, at = excluded.at, state = excluded.state,
       generation = excluded.generation, address = excluded.address, port = excluded.port, digest = excluded.digest,
       table_digest = excluded.table_digest, error = excluded.error, warning = excluded.warning,
       certificates = excluded.certificates`,
    [jsonRows(listeners)],
  );
}

function foldVips(records: readonly Sequenced[], tx: FoldTables): void {
  const whole = records.filter((record) => record.whole).map(({ node }) => ({ node }));
  if (whole.length > 0)
    tx.write(
      `delete from node_vips t using jsonb_to_recordset($1::jsonb) as r(node text) where t.node = r.node`,
      [jsonRows(whole)],
    );
  const gone = records.flatMap(({ node, goneVips = [] }) => goneVips.map((address) => ({ node, address })));
  if (gone.length > 0)
    tx.write(
      `delete from node_vips t using jsonb_to_recordset($1::jsonb) as r(node text, address text)
        where (t.node, t.address) = (r.node, r.address)`,
      [jsonRows(gone)],
    );
  const vips = records.flatMap(({ node, seq, at, vips: changed = [] }) =>
    changed.map(({ to, ...vip }) => ({
      ...vip,
      ...{ node, seq, at },
      told: to ? JSON.stringify(to) : null,
    })),
  );
  if (vips.length === 0) return;
  tx.write(
    `insert into node_vips
     select r.node, r.address, r.seq, r.at, r.announcement, r.method, r.state, r.since, r.told, r.why
       from jsonb_to_recordset($1::jsonb) as r(node text, address text, seq bigint, at text, announcement text,
         method text, state text, since text, told text, why text)
     on conflict (node, address) do update set seq = excluded.seq, at = excluded.at,
       announcement = excluded.announcement, method = excluded.method, state = excluded.state,
       since = excluded.since, told = excluded.told, why = excluded.why`,
    [jsonRows(vips)],
  );
}
