import { decodeDeliveryRecord, FAILED_AFTER_ATTEMPTS, STREAMS } from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import { inRounds, jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

/** A later record whose version did not grow is another life of the id: the facts of the earlier one were pruned. */
const SAME_LIFE = `(excluded.seq <= deliveries.seq or excluded.version > deliveries.version)`;

const UPSERT = `
  insert into deliveries
  select r.* from jsonb_to_recordset($1::jsonb) as r(
    group_name text, peer text, id text, seq bigint, version integer, state text, attempts integer,
    last_attempt_at text, observed_at text, expires_at text, error_code text, error text, delivered_at text,
    delivered_version integer, delivered_expires_at text, record_seq bigint)
  on conflict (group_name, peer, id) do update set
    seq = excluded.seq, version = excluded.version, state = excluded.state, attempts = excluded.attempts,
    last_attempt_at = excluded.last_attempt_at, observed_at = excluded.observed_at, expires_at = excluded.expires_at,
    error_code = excluded.error_code, error = excluded.error, record_seq = excluded.record_seq, delivered_at = excluded.delivered_at,
    delivered_version = case when excluded.delivered_version is null and ${SAME_LIFE}
      then deliveries.delivered_version else excluded.delivered_version end,
    delivered_expires_at = case when excluded.delivered_version is null and ${SAME_LIFE}
      then deliveries.delivered_expires_at else excluded.delivered_expires_at end`;

/**
 * What a peer still has to get: of a fact that is no longer kept it never will, and nobody says more about it. A fact that the
 * table does not have yet, because it is being filled again, is none of those.
 */
const OPEN = `t.state in ('pending', 'failed') and (
  exists (select 1 from facts f where f.group_name = t.group_name and f.id = t.id and f.seq >= t.seq)
  or t.seq > coalesce((select max(p.seq) from positions p where p.projection = 'facts.' || t.group_name), 0))`;

/** `deliveries` = fold of `activity.delivery.>`. */
export const deliveriesProjection: Projection = {
  name: 'deliveries',
  owner: 'federation',
  stream: STREAMS.activity,
  filter: 'activity.delivery.>',
  tables: [
    {
      name: 'deliveries',
      key: ['group_name', 'peer', 'id'],
      record: 'record_seq',
      neededByOthers: OPEN,
    },
  ],
  apply: (batch, tx) => {
    const rows = batch.map(({ data, seq: recordSeq }) => {
      const record = decodeDeliveryRecord(data);
      const delivered = record.type === 'delivered';
      const retried = record.attempts >= FAILED_AFTER_ATTEMPTS ? 'failed' : 'pending';
      return {
        group_name: record.group,
        peer: record.peer,
        id: record.id,
        seq: record.seq,
        version: record.version,
        state: record.type === 'attempt-failed' ? retried : record.type,
        attempts: record.attempts,
        last_attempt_at: record.at,
        observed_at: record.observedAt,
        expires_at: record.expiresAt ?? null,
        error_code: delivered ? null : record.error.code,
        error: delivered ? null : record.error.message,
        delivered_at: delivered ? record.at : null,
        delivered_version: delivered ? record.version : null,
        delivered_expires_at: delivered ? (record.expiresAt ?? null) : null,
        record_seq: recordSeq,
      };
    });
    for (const round of inRounds(rows, (row) => `${row.group_name} ${row.peer} ${row.id}`)) {
      tx.write(UPSERT, [jsonRows(round)]);
    }
  },
};

/**
 * What a peer already has: fact id → newest version delivered and the newest record it was tried with, for facts behind
 * `after` and up to `upTo` in the stream.
 */
export async function deliveredVersions(
  dataSource: DataSource,
  group: string,
  peer: string,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<Map<string, { version: number; seq: number }>> {
  const rows = await dataSource.query<{ id: string; version: number; seq: number }[]>(
    `select id, delivered_version as version, seq from deliveries
      where group_name = $1 and peer = $2 and seq > $3 and seq <= $4 and delivered_version is not null`,
    [group, peer, after, upTo],
  );
  return new Map(rows.map(({ id, ...delivered }) => [id, delivered]));
}

/** Tries so far of the facts that are not delivered yet: `<id> <version>` → attempts. */
export async function openAttempts(
  dataSource: DataSource,
  group: string,
  peer: string,
): Promise<Map<string, number>> {
  const rows = await dataSource.query<{ id: string; version: number; attempts: number }[]>(
    `select id, version, attempts from deliveries
      where group_name = $1 and peer = $2 and state in ('pending', 'failed')`,
    [group, peer],
  );
  return new Map(rows.map(({ id, version, attempts }) => [`${id} ${version}`, attempts]));
}
