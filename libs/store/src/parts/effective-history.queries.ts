import type { ConfigMoment } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';

/** A generation of the effective config that is whole. */
export interface KeptGeneration {
  readonly generation: number;
  readonly at: string;
  readonly digest: string;
  /** How many it has. */
  readonly resources: number;
  /** JSON of the parts that were held back. */
  readonly quarantined: string;
}

/** A generation with the resources that it had. */
export interface PastConfig {
  readonly generation: KeptGeneration;
  /** JSON of the resources in canonical order, with commas between them. */
  readonly text: string;
}

const KEPT = 'generation, at, digest, resources, quarantined';

/**
 * The generation of a moment: itself, or the one that was in force at a time. Undefined when there was none, or when it is no
 * longer kept.
 */
export async function generationAt(
  tx: EntityManager,
  moment: ConfigMoment,
): Promise<KeptGeneration | undefined> {
  const [found] =
    'generation' in moment
      ? await tx.query<KeptGeneration[]>(
          `select ${KEPT} from generations where complete and generation = $1::bigint`,
          [moment.generation],
        )
      : await tx.query<KeptGeneration[]>(
          `select ${KEPT} from generations where complete and since <= $1
            order by since desc, generation desc limit 1`,
          [moment.time],
        );
  return found;
}

/** The first and the last generation that can be asked for; undefined before the first. */
export async function generationRange(
  tx: EntityManager,
): Promise<{ readonly oldest: KeptGeneration; readonly newest: KeptGeneration } | undefined> {
  // what an earlier version had recorded is listed, but the resources are known only from the first version on
  const [oldest] = await tx.query<KeptGeneration[]>(
    `select ${KEPT} from generations
      where complete and generation >= coalesce((select min(from_generation) from effective_versions), 0)
      order by generation limit 1`,
  );
  const [newest] = await tx.query<KeptGeneration[]>(
    `select ${KEPT} from generations where complete order by generation desc limit 1`,
  );
  return oldest && newest && { oldest, newest };
}

const IDENTITY = 'api_version, kind, project, name';
const CANONICAL = IDENTITY.split(', ')
  .map((column) => `${column} collate "C"`)
  .join(', ');

/** Versions that stood in a generation: those that still stand, and those that are over. */
function standingIn(generation: string): string {
  const columns = `${IDENTITY}, from_generation, to_generation, part_source, part_generation, revision, body`;
  return `
    select ${columns} from effective_versions where to_generation is null and from_generation <= ${generation}
    union all
    select ${columns} from effective_versions
     where to_generation is not null and int4range(from_generation, to_generation) @> ${generation}`;
}

const RECORDED = `
  select count(*) as count, coalesce(string_agg(body, ',' order by ${CANONICAL}), '') as text
    from (${standingIn('$1::integer')}) v`;

/**
 * As {@link RECORDED}, with the annotations of a time: a part that was renewed with the same content makes no generation. Each
 * part that is shown instead is read once, however many resources it has.
 */
const RENEWED = `
  with standing as (${standingIn('$1::integer')}),
  held as (
    select v.*, renewal.generation as shown
      from standing v
      left join effective_versions n
        on (n.api_version, n.kind, n.project, n.name) = (v.api_version, v.kind, v.project, v.name)
       and n.from_generation = v.to_generation and n.part_source = v.part_source
      left join lateral (
        select p.generation from parts p
         where p.source = v.part_source and p.created_at <= $2
         order by p.created_at desc, p.generation desc limit 1) renewal
        on renewal.generation > v.part_generation
       and (n.part_generation is null or renewal.generation < n.part_generation)),
  renewed as (
    select s.part_source as source, s.shown as generation, r.value::text as body, r.value ->> 'apiVersion' as api_version,
           r.value ->> 'kind' as kind, coalesce(r.value #>> '{metadata,project}', 'default') as project,
           r.value #>> '{metadata,name}' as name
      from (select distinct part_source, shown from held where shown is not null) s
     cross join lateral (
       select body from parts where source = s.part_source and generation = s.shown limit 1) p
     cross join lateral json_array_elements(p.body::json -> 'resources') r)
  select count(*) as count,
         coalesce(string_agg(coalesce(r.body, h.body), ',' order by ${CANONICAL.replace(/\w+(?= collate)/g, 'h.$&')}), '')
           as text
    from held h
    left join renewed r on (r.source, r.generation) = (h.part_source, h.shown)
     and (r.api_version, r.kind, r.project, r.name) = (h.api_version, h.kind, h.project, h.name)`;

/**
 * The effective config of a moment, content and digest as they were recorded. Asked for a time, each resource has the
 * annotations of the newest part of its source that was there at that time; asked for a generation, those that were recorded with
 * it. Undefined when it is not known (any more). Read in one snapshot: `tx` is `repeatable read`.
 */
export async function configAt(tx: EntityManager, moment: ConfigMoment): Promise<PastConfig | undefined> {
  const generation = await generationAt(tx, moment);
  if (!generation) return undefined;
  const number = generation.generation;
  const [row] =
    'time' in moment
      ? await tx.query<{ count: number; text: string }[]>(RENEWED, [number, moment.time])
      : await tx.query<{ count: number; text: string }[]>(RECORDED, [number]);
  // of what was recorded before there were versions, nothing or something else is found
  return row?.count === generation.resources ? { generation, text: row.text } : undefined;
}

/** A resource that is not the same version in two generations. A body is null where the resource was not there. */
export interface VersionPair {
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Of the version afterwards, of the one before when there is none: where it came from. */
  readonly partSource: string | null;
  readonly revision: number | null;
}

/** Which pairs are wanted: those behind an identity, in canonical order. */
export interface PairPage {
  readonly after?: readonly string[];
  readonly limit: number;
}

/** The versions in which two generations differ, in canonical order. */
export function versionsBetween(
  tx: EntityManager,
  from: number,
  to: number,
  { after, limit }: PairPage,
): Promise<VersionPair[]> {
  const behind = after === undefined ? '' : `and (${CANONICAL}) > ($4::text, $5::text, $6::text, $7::text)`;
  return tx.query<VersionPair[]>(
    `with a as (${standingIn('$1::integer')}), b as (${standingIn('$2::integer')})
     select api_version as "apiVersion", kind, project, name, a.body as before, b.body as after,
            case when b.body is null then a.part_source else b.part_source end as "partSource",
            case when b.body is null then a.revision else b.revision end as revision
       from a full join b using (${IDENTITY})
      where a.from_generation is distinct from b.from_generation ${behind}
      order by ${CANONICAL} limit $3`,
    [from, to, limit, ...(after ?? [])],
  );
}
