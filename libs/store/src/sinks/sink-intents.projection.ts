import { decodeSinkIntent, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `sink_intents` = fold of `journal.sink.>`: the newest of each sink. */
export const sinkIntentsProjection: Projection = {
  name: 'sink-intents',
  owner: 'sinks',
  stream: STREAMS.journal,
  filter: SUBJECTS.allSinkJournal,
  tables: [{ name: 'sink_intents', key: ['name'] }],
  apply: (batch, tx) => {
    const rows = batch.map(({ data, seq }) => {
      const intent = decodeSinkIntent(data);
      return { name: intent.sink, seq, body: JSON.stringify(intent) };
    });
    tx.write(
      `insert into sink_intents
       select r.* from jsonb_to_recordset($1::jsonb) as r(name text, seq bigint, body text)
       on conflict (name) do update set seq = excluded.seq, body = excluded.body`,
      [jsonRows(lastPerKey(rows, ({ name }) => name))],
    );
  },
};
