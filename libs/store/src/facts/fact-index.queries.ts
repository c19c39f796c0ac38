import type { DataSource } from 'typeorm';

/** `compareFacts` as an `order by` over the columns of `facts`, newest first; the index `facts_lineage` has it. */
export const NEWEST_FIRST = 'observed_ns desc, origin_sequence desc, id collate "C" desc';

/** What identity decisions need to know of a stored id. */
export interface IndexedFact {
  readonly id: string;
  readonly seq: number;
  readonly origin: string;
  readonly digest: string;
  readonly version: number;
  readonly observedAt: string;
  readonly expiresAt?: string;
  readonly originSequence?: number;
}

/** The newest fact of a lineage, see `compareFacts`. */
export interface NewestOfLineage {
  readonly lineage: string;
  readonly observedAt: string;
  readonly originSequence?: number;
  readonly id: string;
}

/** One bulk look-up of ids. */
export async function findIndexed(
  dataSource: DataSource,
  group: string,
  ids: readonly string[],
): Promise<IndexedFact[]> {
  if (ids.length === 0) return [];
  const rows = await dataSource.query<
    (Omit<IndexedFact, 'expiresAt'> & { expiresAt: string | null; originSequence: number })[]
  >(
    `select id, seq, origin, digest, version, observed_at as "observedAt", expires_at as "expiresAt",
            origin_sequence as "originSequence"
       from facts where group_name = $1 and id = any($2::text[])`,
    [group, ids],
  );
  return rows.map(({ expiresAt, originSequence, ...row }) => ({
    ...row,
    ...(expiresAt !== null && { expiresAt }),
    ...(originSequence > 0 && { originSequence }),
  }));
}

/** One bulk look-up of the newest fact per lineage. */
export async function findNewest(
  dataSource: DataSource,
  group: string,
  lineages: readonly string[],
): Promise<NewestOfLineage[]> {
  if (lineages.length === 0) return [];
  return dataSource.query<NewestOfLineage[]>(
    `select l.lineage, f.observed_at as "observedAt", f.origin_sequence as "originSequence", f.id
       from unnest($2::text[]) as l(lineage)
       cross join lateral (
         select observed_at, origin_sequence, id from facts where group_name = $1 and lineage = l.lineage
         order by ${NEWEST_FIRST} limit 1) f`,
    [group, lineages],
  );
}
