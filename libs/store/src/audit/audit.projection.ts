import { STREAMS } from '@signalbox/contracts';
import { jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';
import { auditEntries } from './audit-entries.js';

/** `audit_entries` = fold of all of JOURNAL: who changed what. */
export const auditProjection: Projection = {
  name: 'audit',
  owner: 'api',
  stream: STREAMS.journal,
  tables: [{ name: 'audit_entries', key: ['seq', 'place'] }],
  apply: (batch, tx) => {
    const rows = batch.flatMap(auditEntries).map(({ from, apiVersion, detail, ...entry }) => ({
      ...entry,
      ...{ subject: from?.subject ?? null, address: from?.address ?? null, agent: from?.agent ?? null },
      api_version: apiVersion ?? null,
      detail: detail ? JSON.stringify(detail) : null,
    }));
    tx.write(
      `insert into audit_entries
       select r.* from jsonb_to_recordset($1::jsonb) as r(seq bigint, place integer, at text, author text, subject text,
         address text, agent text, action text, api_version text, kind text, project text, name text, part text,
         reason text, detail text)
       on conflict do nothing`,
      [jsonRows(rows)],
    );
  },
  mayWait: () => true,
};
