import type { DataSource } from 'typeorm';

/** Rows deleted in one statement, so that none holds its locks for long. */
const DELETED_AT_ONCE = 5000;

/** The newest record of the fact that is the first too many when `most` are kept, by arrival; 0 when there are not so many. */
export async function firstTooMany(dataSource: DataSource, group: string, most: number): Promise<number> {
  const rows = await dataSource.query<{ seq: number }[]>(
    'select seq from facts where group_name = $1 order by seq desc offset $2 limit 1',
    [group, most],
  );
  return rows[0]?.seq ?? 0;
}

/** How many facts stand at a sequence or below it. */
export async function factsUpTo(dataSource: DataSource, group: string, seq: number): Promise<number> {
  const rows = await dataSource.query<{ facts: number }[]>(
    'select count(*)::integer as facts from facts where group_name = $1 and seq <= $2',
    [group, seq],
  );
  return rows[0]?.facts ?? 0;
}

/** Facts of ours that a peer wants and did not get. */
export interface Undelivered {
  readonly group: string;
  readonly peer: string;
  /** Behind this sequence, and up to that one. */
  readonly after: number;
  readonly upTo: number;
  /** As its EventPeer says; empty: all. */
  readonly types: readonly string[];
  readonly subjectPrefixes: readonly string[];
  readonly nowNs: bigint;
}

/** How many facts a peer still would have got. */
export async function countUndelivered(dataSource: DataSource, wanted: Undelivered): Promise<number> {
  const { group, peer, after, upTo, types, subjectPrefixes, nowNs } = wanted;
  const rows = await dataSource.query<{ facts: number }[]>(
    `select count(*)::integer as facts from facts f
      where group_name = $1 and own and seq > $3 and seq <= $4 and (expires_ns is null or expires_ns >= $7::bigint)
        and (cardinality($5::text[]) = 0 or type = any($5))
        and (cardinality($6::text[]) = 0 or exists (select 1 from unnest($6::text[]) p where starts_with(subject, p)))
        and not exists (select 1 from deliveries d
          where d.group_name = f.group_name and d.peer = $2 and d.id = f.id
            and (d.state = 'dead' or d.delivered_version >= f.version))`,
    [group, peer, after, upTo, types, subjectPrefixes, nowNs.toString()],
  );
  return rows[0]?.facts ?? 0;
}

/** Deletes the rows of facts whose newest record stands at a sequence or below it. */
export async function deleteFactsUpTo(dataSource: DataSource, group: string, seq: number): Promise<void> {
  for (;;) {
    const [, deleted] = await dataSource.query<[unknown, number]>(
      `delete from facts where ctid = any(array(
         select ctid from facts where group_name = $1 and seq <= $2 limit ${DELETED_AT_ONCE}))`,
      [group, seq],
    );
    if (deleted < DELETED_AT_ONCE) return;
  }
}
