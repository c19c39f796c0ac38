import {
  contentDigest,
  decodeFactRecord,
  expiryNs,
  type Fact,
  factKey,
  type FactRecord,
  factsStream,
  lineageOf,
  sha256Hex,
  storedNs,
  timestampNs,
} from '@signalbox/contracts';
import { jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** Key of a lineage in tables. */
export function lineageKey(origin: string, key: string): string {
  return lineageColumn(lineageOf(origin, key));
}

/** A lineage as tables have it: hashed, because origin and fact key together may be longer than an index entry. */
export function lineageColumn(lineage: string): string {
  return sha256Hex(lineage).slice(0, 32);
}

/** Name of the facts projection of a group. */
export function factsProjectionName(group: string): string {
  return `facts.${group}`;
}

const UPSERT = `
  insert into facts (group_name, id, seq, origin, type, subject, dedupe_key, lineage, digest, payload,
                     observed_at, observed_ns, origin_sequence, expires_at, expires_ns, version, own, way,
                     accepted_at, travel)
  select group_name, id, seq, origin, type, subject, dedupe_key, lineage, digest, payload,
         observed_at, observed_ns, origin_sequence, expires_at, expires_ns, version, own, way, accepted_at, travel
  from jsonb_to_recordset($1::jsonb) as r(
    group_name text, id text, seq bigint, origin text, type text, subject text, dedupe_key text,
    lineage text, digest text, payload jsonb, observed_at text, observed_ns bigint, origin_sequence bigint,
    expires_at text, expires_ns bigint, version integer, own boolean, way text, accepted_at text, travel jsonb)
  on conflict (group_name, id) do update set
    seq = excluded.seq, observed_at = excluded.observed_at, observed_ns = excluded.observed_ns,
    origin_sequence = excluded.origin_sequence, expires_at = excluded.expires_at, expires_ns = excluded.expires_ns,
    version = excluded.version, own = excluded.own, way = excluded.way, accepted_at = excluded.accepted_at,
    travel = excluded.travel`;

/**
 * `facts` = fold of `FACTS_<group>`: of every id, the content, which all of its records have, and the lease of the last. A row
 * goes when that one is pruned.
 */
export function factsProjection(group: string): Projection {
  return {
    name: factsProjectionName(group),
    owner: 'ingest',
    stream: factsStream(group),
    // until it is in the table ingest has it in memory
    mayWait: () => true,
    tables: [
      {
        name: 'facts',
        key: ['group_name', 'id'],
        only: { column: 'group_name', value: group },
        record: 'seq',
      },
    ],
    apply: (batch, tx) => {
      const rows = new Map<string, object>();
      for (const { seq, data } of batch) {
        const record = decodeFactRecord(data);
        const { id } = record.fact;
        rows.set(id, { ...(rows.get(id) ?? contentColumns(record.fact)), ...leaseColumns(record, seq) });
      }
      tx.write(UPSERT, [jsonRows([...rows.values()])]);
    },
  };
}

/** What all records of an id have in common. */
function contentColumns(fact: Fact): object {
  return {
    group_name: fact.group,
    id: fact.id,
    origin: fact.sourceNode,
    type: fact.type,
    subject: fact.subject,
    dedupe_key: fact.dedupeKey,
    lineage: lineageKey(fact.sourceNode, factKey(fact)),
    digest: contentDigest(fact),
    payload: fact.payload,
  };
}

/** What every later record replaces: the columns that the upsert updates. */
function leaseColumns({ fact, own, way, version, acceptedAt }: FactRecord, seq: number): object {
  const { traceparent, correlationId, causationId } = fact;
  const expires = expiryNs(fact);
  return {
    seq,
    observed_at: fact.observedAt,
    observed_ns: storedNs(timestampNs(fact.observedAt) ?? 0n),
    origin_sequence: fact.originSequence ?? 0,
    expires_at: fact.expiresAt ?? null,
    expires_ns: expires === undefined ? null : storedNs(expires),
    version,
    own,
    way,
    accepted_at: acceptedAt,
    travel:
      (traceparent ?? correlationId ?? causationId) ? { traceparent, correlationId, causationId } : null,
  };
}
