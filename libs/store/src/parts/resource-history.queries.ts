import type { EntityManager } from 'typeorm';

/** One version of a resource of the effective config, with the generations in which it stood. */
export interface ResourceVersion {
  readonly apiVersion: string;
  readonly fromGeneration: number;
  /** When that was recorded; null: its generation is no longer kept. */
  readonly fromAt: string | null;
  /** Null: it stands. */
  readonly toGeneration: number | null;
  readonly toAt: string | null;
  /** The record that ended it came from this message of this stream. */
  readonly toCauseStream: string | null;
  readonly toCauseSeq: number | null;
  /** JSON of what masks hid in the generation that ended it. */
  readonly toSuppressed: string | null;
  readonly partSource: string | null;
  readonly partGeneration: number | null;
  readonly revision: number | null;
  readonly body: string;
}

/** A resource whose API group may not be known. */
export interface VersionedName {
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  /** Absent: all groups. */
  readonly group?: string;
  readonly apiVersion?: string;
}

/** From each apiVersion to the next by the index: there are few, and none is searched for what it does not have. */
const API_VERSIONS = `
  with recursive apis as (
    (select api_version from effective_versions order by api_version limit 1)
    union all
    select (select v.api_version from effective_versions v where v.api_version > a.api_version order by v.api_version limit 1)
      from apis a where a.api_version is not null)`;

/** The versions of a resource, the newest first, those that began before a generation. */
export function versionsOf(
  tx: EntityManager,
  { kind, project, name, group, apiVersion }: VersionedName,
  { before, limit }: { readonly before?: number; readonly limit: number },
): Promise<ResourceVersion[]> {
  return tx.query<ResourceVersion[]>(
    `${API_VERSIONS}
     select v.api_version as "apiVersion", v.from_generation as "fromGeneration", f.at as "fromAt",
            v.to_generation as "toGeneration", t.at as "toAt", t.cause_stream as "toCauseStream",
            t.cause_seq as "toCauseSeq", t.suppressed as "toSuppressed", v.part_source as "partSource",
            v.part_generation as "partGeneration", v.revision, v.body
       from apis a
      cross join lateral (
        select * from effective_versions
         where api_version = a.api_version and kind = $1 and project = $2 and name = $3
           and ($6::integer is null or from_generation < $6)
         order by from_generation desc limit $7) v
       left join generations f on f.generation = v.from_generation
       left join generations t on t.generation = v.to_generation
      where a.api_version is not null
        and ($4::text is null or a.api_version = $4 or starts_with(a.api_version, $4 || '/'))
        and ($5::text is null or a.api_version = $5)
      order by v.from_generation desc, v.api_version limit $7`,
    [kind, project, name, group ?? null, apiVersion ?? null, before ?? null, limit],
  );
}

/** A resource that a generation brought, changed or removed. */
export interface GenerationChange {
  readonly of: number;
  readonly action: 'added' | 'changed' | 'removed';
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly partSource: string | null;
  readonly partGeneration: number | null;
  readonly revision: number | null;
}

/** The first changes of each of some generations, as many as `limit` each that began and that ended. */
export function changesOf(
  tx: EntityManager,
  generations: readonly number[],
  limit: number,
): Promise<GenerationChange[]> {
  const columns = `v.api_version as "apiVersion", v.kind, v.project, v.name, v.part_source as "partSource",
            v.part_generation as "partGeneration", v.revision`;
  const same = '(n.api_version, n.kind, n.project, n.name) = (v.api_version, v.kind, v.project, v.name)';
  return tx.query<GenerationChange[]>(
    `select g.of, c.* from unnest($1::integer[]) as g(of) cross join lateral (
       (select case when exists (select 1 from effective_versions n where ${same} and n.to_generation = g.of
                                    and n.from_generation < g.of)
                    then 'changed' else 'added' end as action, ${columns}
          from effective_versions v where v.from_generation = g.of limit $2)
       union all
       (select 'removed' as action, ${columns}
          from effective_versions v
         where v.to_generation = g.of
           and not exists (select 1 from effective_versions n where ${same} and n.from_generation = g.of)
         limit $2)) c`,
    [generations, limit],
  );
}
