import { decodeNodeDrain, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `node_drains` = fold of `journal.node.>`: the newest of each node. */
export const nodeDrainsProjection: Projection = {
  name: 'node-drains',
  owner: 'balancer',
  stream: STREAMS.journal,
  filter: SUBJECTS.allNodeJournal,
  tables: [{ name: 'node_drains', key: ['node'] }],
  apply: (batch, tx) => {
    const rows = batch.map(({ data, seq }) => {
      const { node, drained, at, author, reason = null } = decodeNodeDrain(data);
      return { node, seq, drained, at, author, reason };
    });
    tx.write(
      `insert into node_drains
       select r.* from jsonb_to_recordset($1::jsonb)
         as r(node text, seq bigint, drained boolean, at text, author text, reason text)
       on conflict (node) do update set seq = excluded.seq, drained = excluded.drained, at = excluded.at,
         author = excluded.author, reason = excluded.reason`,
      [jsonRows(lastPerKey(rows, ({ node }) => node))],
    );
  },
};
