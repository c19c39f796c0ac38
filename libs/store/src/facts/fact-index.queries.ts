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

/** What a look-up found. */
export interface FoundFacts {
  readonly ids: IndexedFact[];
  readonly newest: NewestOfLineage[];
}

/** A row of either half of {@link LOOK_UP}; `lineage` is there in those of the second half only. */
interface FoundRow {
  readonly lineage: string | null;
  readonly id: string;
  readonly observedAt: string;
  readonly originSequence: number;
  readonly seq: number;
  readonly origin: string;
  readonly digest: string;
  readonly version: number;
  readonly expiresAt: string | null;
}

/**
 * One probe of an index for each id and lineage. Not `id = any(…)`: on a table that grows faster than Postgres counts it,
 * that is planned as a scan of the whole of `facts_by_time`, and every batch takes as long as the table is large.
 */
const LOOK_UP = `
  select null as lineage, f.id, f.observed_at as "observedAt", f.origin_sequence as "originSequence", f.seq, f.origin,
         f.digest, f.version, f.expires_at as "expiresAt"
    from unnest($2::text[]) as i(id)
    cross join lateral (
      select id, observed_at, origin_sequence, seq, origin, digest, version, expires_at from facts
      where group_name = $1 and id = i.id limit 1) f
  union all
  select l.lineage, f.id, f.observed_at, f.origin_sequence, f.seq, null, null, null, null
    from unnest($3::text[]) as l(lineage)
    cross join lateral (
      select id, observed_at, origin_sequence, seq from facts where group_name = $1 and lineage = l.lineage
      order by ${NEWEST_FIRST} limit 1) f`;

/** One bulk look-up of ids, and of the newest fact of lineages, in one statement. */
export async function findFacts(
  dataSource: DataSource,
  group: string,
  ids: readonly string[],
  lineages: readonly string[],
): Promise<FoundFacts> {
  const found: FoundFacts = { ids: [], newest: [] };
  if (ids.length === 0 && lineages.length === 0) return found;
  for (const row of await dataSource.query<FoundRow[]>(LOOK_UP, [group, ids, lineages])) {
    const { lineage, id, observedAt, originSequence, seq, origin, digest, version, expiresAt } = row;
    const age = { id, observedAt, ...(originSequence > 0 && { originSequence }) };
    if (lineage !== null) found.newest.push({ lineage, ...age });
    else found.ids.push({ ...age, seq, origin, digest, version, ...(expiresAt !== null && { expiresAt }) });
  }
  return found;
}
