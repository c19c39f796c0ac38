import {
  type Changeset,
  decodeChangeset,
  refOf,
  type ResourceRef,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import type { FoldTables } from '../fold-transaction.js';
import { jsonRows, parameters } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** `resource_versions` and `revisions` = fold of `journal.resources`. */
export const resourcesProjection: Projection = {
  name: 'resources',
  owner: 'api',
  stream: STREAMS.journal,
  filter: SUBJECTS.resources,
  tables: [
    { name: 'revisions', key: ['revision'] },
    { name: 'resource_versions', key: ['api_version', 'kind', 'project', 'name', 'from_revision'] },
  ],
  apply: async (batch, tx) => {
    for (const { seq, data } of batch) await applyChangeset(seq, decodeChangeset(data), tx);
  },
};

async function applyChangeset(revision: number, changeset: Changeset, tx: FoldTables): Promise<void> {
  const { author, message, at, changes } = changeset;
  tx.write(
    'insert into revisions values ($1, $2, $3, $4) on conflict do nothing',
    parameters(revision, author, message, at),
  );
  const rowOf = (ref: ResourceRef) => ({
    api_version: ref.apiVersion,
    kind: ref.kind,
    project: ref.project,
    name: ref.name,
  });
  const touched = changes.map((change) => rowOf(change.op === 'put' ? refOf(change.resource) : change.ref));
  tx.write(
    `update resource_versions v set to_revision = $2
       from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text)
      where (v.api_version, v.kind, v.project, v.name) = (r.api_version, r.kind, r.project, r.name)
        and v.to_revision is null and v.from_revision < $2`,
    [jsonRows(touched), revision],
  );
  const put = changes.flatMap((change) =>
    change.op === 'put'
      ? [
          {
            ...rowOf(refOf(change.resource)),
            set_name: change.set ?? null,
            body: JSON.stringify(change.resource),
          },
        ]
      : [],
  );
  tx.write(
    `insert into resource_versions (api_version, kind, project, name, from_revision, set_name, body)
     select api_version, kind, project, name, $2, set_name, body
       from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text, set_name text, body text)
     on conflict do nothing`,
    [jsonRows(put), revision],
  );
}
