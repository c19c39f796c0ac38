import type { PartRef } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import type { OriginPart, OriginRevision } from '../domain/origin-words.js';

const PART = `
  p.source, p.generation, p.owner, p.state, p.reason, p.run_id as "runId", p.created_at as "acceptedAt",
  p.updated_at as "stateAt", p.expires_at as "expiresAt", p.body::json -> 'facts' as facts,
  p.body::json ->> 'group' as "group", p.body::json ->> 'subscription' as subscription,
  p.body::json ->> 'plugin' as plugin, (p.body::json ->> 'revision')::bigint as revision`;

/** Parts as answers about the past name them; those that are no longer kept are left out. */
export async function originParts(
  tx: EntityManager,
  refs: readonly PartRef[],
): Promise<ReadonlyMap<string, OriginPart>> {
  if (refs.length === 0) return new Map();
  const rows = await tx.query<OriginPart[]>(
    `select ${PART} from unnest($1::text[], $2::integer[]) as r(source, generation)
      cross join lateral (select * from parts where source = r.source and generation = r.generation limit 1) p`,
    [refs.map(({ source }) => source), refs.map(({ generation }) => generation)],
  );
  return new Map(rows.map((row) => [partKey(row), row]));
}

/** A source and when it is asked about. */
export interface SourceMoment {
  readonly source: string;
  readonly at: string;
}

/** Of each source the newest part that was there at a time, no matter what became of it; by {@link momentKey}. */
export async function lastParts(
  tx: EntityManager,
  moments: readonly SourceMoment[],
): Promise<ReadonlyMap<string, OriginPart>> {
  if (moments.length === 0) return new Map();
  const rows = await tx.query<(OriginPart & { asked: string })[]>(
    `select m.at as asked, ${PART} from unnest($1::text[], $2::text[]) as m(source, at)
      cross join lateral (
        select * from parts where source = m.source and created_at <= m.at
         order by created_at desc, generation desc limit 1) p`,
    [moments.map(({ source }) => source), moments.map(({ at }) => at)],
  );
  return new Map(rows.map(({ asked, ...row }) => [momentKey({ source: row.source, at: asked }), row]));
}

export function momentKey({ source, at }: SourceMoment): string {
  return `${at} ${source}`;
}

/** Changesets by their revisions. */
export async function originRevisions(
  tx: EntityManager,
  revisions: readonly number[],
): Promise<ReadonlyMap<number, OriginRevision>> {
  if (revisions.length === 0) return new Map();
  const rows = await tx.query<OriginRevision[]>(
    'select revision, author, message, at from revisions where revision = any($1::bigint[])',
    [revisions],
  );
  return new Map(rows.map((row) => [row.revision, row]));
}

export function partKey({ source, generation }: PartRef): string {
  return `${generation} ${source}`;
}
