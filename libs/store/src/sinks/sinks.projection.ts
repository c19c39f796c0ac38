import { canonicalJson, decodeSinkRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { inRounds, jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

const COLUMNS = `name text, version bigint, seq bigint, at text, state text, revision bigint, generation bigint,
  content text, failure text, reason text`;

/**
 * `sinks` and `sink_applies` = fold of `activity.sink.>`; the highest version of a name wins. An apply is a record with another
 * `content` or `failure` than the one before: most records say only that something waits.
 */
export const sinksProjection: Projection = {
  name: 'sinks',
  owner: 'sinks',
  stream: STREAMS.activity,
  filter: SUBJECTS.allSinkActivity,
  addedIn: '0.2.0',
  tables: [
    { name: 'sinks', key: ['name'], record: 'seq', kept: `t.state <> 'removed'` },
    { name: 'sink_applies', key: ['sink', 'version'], record: 'seq' },
  ],
  apply: (batch, tx) => {
    const rows = batch.map(({ data, seq }) => {
      const { sink, content, failure, reason, ...rest } = decodeSinkRecord(data);
      return {
        ...rest,
        seq,
        name: sink,
        content: content ? canonicalJson(content) : null,
        failure: failure ? canonicalJson(failure) : null,
        reason: reason ?? null,
      };
    });
    // what a record says anew is seen beside the one before, so each of a name waits for that
    for (const round of inRounds(rows, ({ name }) => name)) {
      const values = [jsonRows(round)];
      // nothing is left of a sink that was removed: one of the same name begins anew
      tx.write(
        `insert into sink_applies
         select r.name, r.version, r.seq, r.at, case when r.failed then 'failed' else 'applied' end,
           r.generation, r.content, r.failure
           from (
             select r.*, coalesce(s.version, 0) as known,
               r.content is not null and (s.state = 'removed' or r.content is distinct from s.content) as applied,
               r.failure is not null and (s.state = 'removed' or r.failure is distinct from s.failure) as failed
               from jsonb_to_recordset($1::jsonb) as r(${COLUMNS}) left join sinks s on s.name = r.name) r
          where r.version > r.known and (r.applied or r.failed)
         on conflict do nothing`,
        values,
      );
      tx.write(
        `insert into sinks
         select r.name, r.version, r.seq, r.at, r.state, r.revision, r.generation, r.content, r.failure, r.reason
           from jsonb_to_recordset($1::jsonb) as r(${COLUMNS})
         on conflict (name) do update set version = excluded.version, seq = excluded.seq, at = excluded.at,
           state = excluded.state, revision = excluded.revision, generation = excluded.generation,
           content = excluded.content, failure = excluded.failure, reason = excluded.reason
         where excluded.version > sinks.version`,
        values,
      );
    }
  },
};
