import { decodeBackendIntent, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `backend_intents` = fold of `journal.backend.>`: the newest of each backend. */
export const backendIntentsProjection: Projection = {
  name: 'backend-intents',
  owner: 'health',
  stream: STREAMS.journal,
  filter: SUBJECTS.allBackendJournal,
  tables: [{ name: 'backend_intents', key: ['name'] }],
  apply: (batch, tx) => {
    const rows = batch.map(({ data, seq }) => {
      const intent = decodeBackendIntent(data);
      return { name: intent.backend, seq, body: JSON.stringify(intent) };
    });
    tx.write(
      `insert into backend_intents
       select r.* from jsonb_to_recordset($1::jsonb) as r(name text, seq bigint, body text)
       on conflict (name) do update set seq = excluded.seq, body = excluded.body`,
      [jsonRows(lastPerKey(rows, ({ name }) => name))],
    );
  },
};
