import { decodeNodeRecord, type NodeRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import type { FoldTables } from '../fold-transaction.js';
import { inRounds, jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

type Sequenced = NodeRecord & { readonly seq: number };

/** `nodes` and `node_listeners` = fold of `activity.node.>`: what each node said last of itself and of each listener. */
export const nodesProjection: Projection = {
  name: 'nodes',
  owner: 'balancer',
  stream: STREAMS.activity,
  filter: SUBJECTS.allNodeActivity,
  addedIn: '0.2.0',
  tables: [
    { name: 'nodes', key: ['name'] },
    { name: 'node_listeners', key: ['node', 'listener'] },
  ],
  apply: async (batch, tx) => {
    const records = batch.map(({ data, seq }): Sequenced => ({ ...decodeNodeRecord(data), seq }));
    for (const round of inRounds(records, ({ node }) => node)) fold(round, tx);
  },
};

/** Records of distinct nodes. */
function fold(records: readonly Sequenced[], tx: FoldTables): void {
  const nodes = records.map(({ error, capabilities, ...record }) => ({
    ...record,
    error: error ? JSON.stringify(error) : null,
    capabilities: JSON.stringify(capabilities),
  }));
  tx.write(
    `insert into nodes
     select r.node, r.version, r.seq, r.driver, r.state, r.at, r.at, r.error, r.epoch, r."appliedGeneration", r.capabilities
       from jsonb_to_recordset($1::jsonb) as r(node text, version bigint, seq bigint, driver text, state text, at text,
         error text, epoch text, "appliedGeneration" bigint, capabilities text)
     on conflict (name) do update set version = excluded.version, seq = excluded.seq, driver = excluded.driver,
       since = case when nodes.state = excluded.state then nodes.since else excluded.since end,
       state = excluded.state, at = excluded.at, error = excluded.error, epoch = excluded.epoch,
       applied_generation = excluded.applied_generation, capabilities = excluded.capabilities`,
    [jsonRows(nodes)],
  );
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
