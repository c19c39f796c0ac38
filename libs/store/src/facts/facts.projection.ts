import {
  contentDigest,
  decodeFactRecord,
  expiryNs,
  factKey,
  factsStream,
  lineageOf,
  sha256Hex,
  timestampNs,
} from '@signalbox/contracts';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projector.js';

/** Key of a lineage in tables: hashed, because origin and fact key together may be longer than an index entry. */
export function lineageKey(origin: string, key: string): string {
  return sha256Hex(lineageOf(origin, key)).slice(0, 32);
}

/** Name of the facts projection of a group. */
export function factsProjectionName(group: string): string {
  return `facts.${group}`;
}

const MAX_NS = 2n ** 63n - 1n;

/**
 * Nanoseconds as a bigint column holds them. Times before 1677 and after 2262 (people write 9999-12-31 for "never")
 * become the ends of that range; an accepted fact must not block the projection.
 */
export function storedNs(ns: bigint): string {
  return String(ns > MAX_NS ? MAX_NS : ns < -MAX_NS ? -MAX_NS : ns);
}

const UPSERT = `
  insert into facts (group_name, id, seq, first_seq, origin, type, subject, dedupe_key, lineage, digest, payload,
                     observed_at, observed_ns, expires_at, expires_ns, version, own, way, accepted_at, travel)
  select group_name, id, seq, seq, origin, type, subject, dedupe_key, lineage, digest, payload,
         observed_at, observed_ns, expires_at, expires_ns, version, own, way, accepted_at, travel
  from jsonb_to_recordset($1::jsonb) as r(
    group_name text, id text, seq bigint, origin text, type text, subject text, dedupe_key text, lineage text,
    digest text, payload jsonb, observed_at text, observed_ns bigint, expires_at text, expires_ns bigint,
    version integer, own boolean, way text, accepted_at text, travel jsonb)
  on conflict (group_name, id) do update set
    seq = excluded.seq, observed_at = excluded.observed_at, observed_ns = excluded.observed_ns,
    expires_at = excluded.expires_at, expires_ns = excluded.expires_ns, version = excluded.version,
    own = excluded.own, way = excluded.way, accepted_at = excluded.accepted_at, travel = excluded.travel`;

/** `facts` = fold of `FACTS_<group>`. */
export function factsProjection(group: string): Projection {
  return {
    name: factsProjectionName(group),
    stream: factsStream(group),
    tables: [{ name: 'facts', key: ['group_name', 'id'], only: { column: 'group_name', value: group } }],
    apply: async (batch, tx) => {
      const rows = batch.map(({ seq, data }) => {
        const { fact, own, way, version, acceptedAt } = decodeFactRecord(data);
        const { traceparent, correlationId, causationId } = fact;
        const expires = expiryNs(fact);
        return {
          group_name: fact.group,
          id: fact.id,
          seq,
          origin: fact.sourceNode,
          type: fact.type,
          subject: fact.subject,
          dedupe_key: fact.dedupeKey,
          lineage: lineageKey(fact.sourceNode, factKey(fact)),
          digest: contentDigest(fact),
          payload: fact.payload,
          observed_at: fact.observedAt,
          observed_ns: storedNs(timestampNs(fact.observedAt) ?? 0n),
          expires_at: fact.expiresAt ?? null,
          expires_ns: expires === undefined ? null : storedNs(expires),
          version,
          own,
          way,
          accepted_at: acceptedAt,
          travel:
            (traceparent ?? correlationId ?? causationId)
              ? { traceparent, correlationId, causationId }
              : null,
        };
      });
      await tx.query(UPSERT, [jsonRows(lastPerKey(rows, (row) => row.id))]);
    },
  };
}
