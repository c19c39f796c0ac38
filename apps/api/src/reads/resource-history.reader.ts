import { Injectable } from '@nestjs/common';
import {
  CodedError,
  DEFAULT_PROJECT,
  refKey,
  refText,
  type Resource,
  type ResourceRef,
  STREAMS,
  type SuppressedResource,
  withoutProvenance,
} from '@signalbox/contracts';
import { type ResourceVersion, RunRow, versionsOf } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { diffFields } from '../domain/field-diff.js';
import { readKindName } from '../domain/kind-name.js';
import {
  endWords,
  type OriginPart,
  type OriginRevision,
  partWords,
  revisionWords,
} from '../domain/origin-words.js';
import { pickResource, type ResourceName } from '../domain/pick-resource.js';
import { lastParts, momentKey, originParts, originRevisions, partKey } from './origins.reader.js';
import type { ResourceExplanationDto, VersionDto, VersionsQuery } from './resource-history.dto.js';
import type { RunItemDto } from './runs.dto.js';

/** Facts that an explanation names. */
const NAMED_FACTS = 100;

const NO_LONGER_KEPT = 'what brought it is no longer kept';

/** Every version of one resource of the effective config, and where it came from. */
@Injectable()
export class ResourceHistoryReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. Throws `not-found` when nothing is kept of such a resource, and `validation-failed` when two kinds have one. */
  async versions(wanted: ResourceName, { limit, after }: VersionsQuery): Promise<Page<VersionDto>> {
    const before = after === undefined ? undefined : Number(decodeCursor(after, ['number'])[0]);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      // one more for the next page, and one more for what the last one of this page was before
      const rows = await this.found(tx, wanted, limit + 1, before);
      const items = await versionItems(tx, refOf(wanted, rows), rows, before);
      const page = pageOf(
        rows,
        limit,
        (row) => items.get(row),
        ({ fromGeneration }) => [fromGeneration],
      );
      return { ...page, items: page.items.filter((item) => item !== undefined) };
    });
  }

  /** Throws as {@link versions} does. */
  async explain(wanted: ResourceName): Promise<ResourceExplanationDto> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const rows = await this.found(tx, wanted, 2);
      const ref = refOf(wanted, rows);
      const newest = rows[0]!;
      const version = (await versionItems(tx, ref, rows)).get(newest)!;
      const part = (await partThatHasIt(tx, ref, newest)) ?? version.part;
      const state = version.went ? (isMasked(ref, newest) ? 'masked' : 'gone') : 'present';
      const run = part && (await tx.findOneBy(RunRow, { runId: part.runId }));
      const origin = part ? partWords(part) : version.why;
      const verdict = version.went
        ? `${refText(ref)} ${state === 'masked' ? 'is masked' : 'is gone'} since ${momentOf(version.went)}: ${version.went.why}`
        : `${refText(ref)} stands as it is since ${momentOf(version)}: ${origin}`;
      return {
        ...ref,
        state,
        verdict,
        version,
        ...(part && { part }),
        ...(run && { run: JSON.parse(run.view) as RunItemDto }),
        facts: part ? await factsBehind(tx, part) : [],
      };
    });
  }

  private async found(
    tx: EntityManager,
    wanted: ResourceName,
    limit: number,
    before?: number,
  ): Promise<ResourceVersion[]> {
    const { kind, group } = readKindName(wanted.kind);
    const { project = DEFAULT_PROJECT, name, apiVersion } = wanted;
    const rows = await versionsOf(
      tx,
      {
        kind,
        project,
        name,
        ...(group !== undefined && { group }),
        ...(apiVersion !== undefined && { apiVersion }),
      },
      { limit, ...(before !== undefined && { before }) },
    );
    if (rows.length === 0 && before === undefined)
      throw new CodedError(
        'not-found',
        `nothing is kept of ${refText({ apiVersion: '', kind, project, name })} in the effective config: see "dynamic render" and "dynamic history"`,
      );
    const byApi = [...new Map(rows.map((row) => [row.apiVersion, row])).values()];
    if (byApi.length > 1) pickResource(wanted, byApi);
    return rows;
  }
}

function refOf(
  { kind, project = DEFAULT_PROJECT, name }: ResourceName,
  rows: readonly ResourceVersion[],
): ResourceRef {
  return { apiVersion: rows[0]?.apiVersion ?? '', kind: readKindName(kind).kind, project, name };
}

/**
 * What is told of each version. `rows`: newest first, each with the one before it behind it, when there is one. `next`: the
 * generation of the version that follows the first of them.
 */
async function versionItems(
  tx: EntityManager,
  ref: ResourceRef,
  rows: readonly ResourceVersion[],
  next?: number,
): Promise<ReadonlyMap<ResourceVersion, VersionDto>> {
  const parts = await originParts(
    tx,
    rows.flatMap(({ partSource, partGeneration }) =>
      partSource === null || partGeneration === null
        ? []
        : { source: partSource, generation: partGeneration },
    ),
  );
  const ended = rows.flatMap(({ toCauseStream, toCauseSeq }) =>
    toCauseStream === STREAMS.journal && toCauseSeq !== null ? toCauseSeq : [],
  );
  const revisions = await originRevisions(tx, [...rows.flatMap(({ revision }) => revision ?? []), ...ended]);
  const last = await lastParts(
    tx,
    rows.flatMap(({ partSource, toAt }) =>
      partSource === null || toAt === null ? [] : { source: partSource, at: toAt },
    ),
  );
  const items = new Map<ResourceVersion, VersionDto>();
  for (const [index, row] of rows.entries()) {
    const older = rows[index + 1];
    const newer = rows[index - 1]?.fromGeneration ?? next;
    const isChange = older?.toGeneration === row.fromGeneration;
    const part = parts.get(partKey({ source: row.partSource ?? '', generation: row.partGeneration ?? 0 }));
    const revision = row.revision === null ? undefined : revisions.get(row.revision);
    const went = row.toGeneration !== null && newer !== row.toGeneration;
    items.set(row, {
      generation: row.fromGeneration,
      at: row.fromAt,
      action: isChange ? 'changed' : 'added',
      why: part ? partWords(part) : revision ? revisionWords(revision) : NO_LONGER_KEPT,
      ...(isChange && { fields: diffFields(contentOf(older), contentOf(row)) }),
      ...(part && { part }),
      ...(revision && { revision }),
      ...(went && {
        went: { generation: row.toGeneration, at: row.toAt, why: whyItWent(ref, row, revisions, last) },
      }),
      resource: JSON.parse(row.body) as Resource,
    });
  }
  return items;
}

/** Masks first, since a changeset may have brought the policy; then what people did; then what became of the part. */
function whyItWent(
  ref: ResourceRef,
  row: ResourceVersion,
  revisions: ReadonlyMap<number, OriginRevision>,
  last: ReadonlyMap<string, OriginPart>,
): string {
  const mask = maskOf(ref, row);
  if (mask) {
    const reason = mask.reason === undefined ? '' : `: ${mask.reason}`;
    return `masked by ${mask.maskedBy.join(', ')}${reason}`;
  }
  const revision = row.toCauseStream === STREAMS.journal ? revisions.get(row.toCauseSeq ?? 0) : undefined;
  if (revision) return revisionWords(revision);
  const part = last.get(momentKey({ source: row.partSource ?? '', at: row.toAt ?? '' }));
  return part ? endWords(part) : 'what ended it is no longer kept';
}

function maskOf(ref: ResourceRef, { toSuppressed }: ResourceVersion): SuppressedResource | undefined {
  const key = refKey(ref);
  return (JSON.parse(toSuppressed ?? '[]') as SuppressedResource[]).find(
    ({ target }) => refKey(target) === key,
  );
}

function isMasked(ref: ResourceRef, row: ResourceVersion): boolean {
  return maskOf(ref, row) !== undefined;
}

/** A part that was renewed with the same content is another one than the version was recorded with. */
async function partThatHasIt(
  tx: EntityManager,
  { apiVersion, kind, project, name }: ResourceRef,
  { toGeneration }: ResourceVersion,
): Promise<OriginPart | undefined> {
  if (toGeneration !== null) return undefined;
  const [row] = await tx.query<{ source: string | null; generation: number }[]>(
    `select part_source as source, part_generation as generation from effective_resources
      where (api_version, kind, project, name) = ($1, $2, $3, $4)`,
    [apiVersion, kind, project, name],
  );
  if (!row || row.source === null) return undefined;
  const { source, generation } = row;
  return (await originParts(tx, [{ source, generation }])).get(partKey({ source, generation }));
}

async function factsBehind(
  tx: EntityManager,
  { facts, group }: OriginPart,
): Promise<ResourceExplanationDto['facts']> {
  const named = facts.slice(0, NAMED_FACTS);
  const known = await tx.query<
    { id: string; type: string; observedAt: string; acceptedAt: string; way: string }[]
  >(
    `select id, type, observed_at as "observedAt", accepted_at as "acceptedAt", way from facts
      where group_name = $1 and id = any($2::text[])`,
    [group ?? '', named.map(({ id }) => id)],
  );
  const byId = new Map(known.map((fact) => [fact.id, fact]));
  return named.map(({ id, origin }) => {
    const { type = null, observedAt = null, acceptedAt = null, way = null } = byId.get(id) ?? {};
    return { id, origin, group, type, observedAt, acceptedAt, way };
  });
}

function contentOf({ body }: ResourceVersion): Resource {
  return withoutProvenance(JSON.parse(body) as Resource);
}

function momentOf({ generation, at }: { readonly generation: number; readonly at: string | null }): string {
  return `generation ${generation}${at === null ? '' : ` (${at})`}`;
}
