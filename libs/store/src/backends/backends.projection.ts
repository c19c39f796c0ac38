import { decodeBackendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import { jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** The transition by which a backend that is there came into its state: slow starts count from it. */
const ENTERED = `coalesce((select b.state from backends b where b.name = t.backend), 'removed') <> 'removed'
  and t.version is not distinct from (
    select x.version from backend_transitions x
     where x.backend = t.backend and x.from_state is distinct from x.to_state
     order by x.version desc limit 1)`;

/** `backends` and `backend_transitions` = fold of `activity.backend.>`; the highest version of a name wins. */
export const backendsProjection: Projection = {
  name: 'backends',
  owner: 'health',
  stream: STREAMS.activity,
  filter: SUBJECTS.allBackendActivity,
  tables: [
    { name: 'backends', key: ['name'], record: 'seq', kept: `t.state <> 'removed'` },
    { name: 'backend_transitions', key: ['backend', 'version'], record: 'seq', needed: ENTERED },
  ],
  apply: (batch, tx) => {
    const rows = batch.map(({ data, seq }) => {
      const { backend, from, to, healthcheck, port, result, by, ...rest } = decodeBackendRecord(data);
      return {
        ...rest,
        seq,
        name: backend,
        from_state: from ?? null,
        state: to,
        healthcheck: healthcheck ?? null,
        port: port ?? null,
        result: JSON.stringify(result),
        noted_by: by ? JSON.stringify(by) : null,
      };
    });
    tx.write(
      `insert into backends
       select r.name, r.version, r.seq, r.state, r.since, r.at, r.address, r.healthcheck, r.result, r.noted_by, r.port
         from jsonb_to_recordset($1::jsonb) as r(name text, version bigint, seq bigint, state text, since text,
           at text, address text, healthcheck text, result text, noted_by text, port integer)
       on conflict (name) do update set version = excluded.version, seq = excluded.seq, state = excluded.state,
         since = excluded.since, at = excluded.at, address = excluded.address, healthcheck = excluded.healthcheck,
         result = excluded.result, noted_by = excluded.noted_by, port = excluded.port
       where excluded.version > backends.version`,
      [jsonRows(highestVersions(rows))],
    );
    tx.write(
      `insert into backend_transitions
       select r.name, r.version, r.seq, r.at, r.from_state, r.state, r.result, r.noted_by
         from jsonb_to_recordset($1::jsonb) as r(name text, version bigint, seq bigint, at text,
           from_state text, state text, result text, noted_by text)
       on conflict do nothing`,
      [jsonRows(rows)],
    );
  },
};

/** Of every name the record that would stand if they came one by one: the first of its highest version. */
function highestVersions<T extends { readonly name: string; readonly version: number }>(
  rows: readonly T[],
): T[] {
  const highest = new Map<string, T>();
  for (const row of rows) {
    const known = highest.get(row.name);
    if (!known || row.version > known.version) highest.set(row.name, row);
  }
  return [...highest.values()];
}
