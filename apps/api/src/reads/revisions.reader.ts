import { Injectable } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import { DataSource } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import type { RevisedResourceDto, RevisionDto } from './revisions.dto.js';

/**
 * By identity, behind one: versions that began at a revision, and those that ended there while none of their resource began.
 * Each half reads no more than a page.
 */
const CHANGES = `
  (select case when exists (
            select 1 from resource_versions w
             where (w.to_revision, w.api_version, w.kind, w.project, w.name)
                 = (v.from_revision, v.api_version, v.kind, v.project, v.name)) then 'changed' else 'added' end as action,
          v.api_version as "apiVersion", v.kind, v.project, v.name
     from resource_versions v
    where v.from_revision = $1 and (v.api_version, v.kind, v.project, v.name) > ($2, $3, $4, $5)
    order by v.api_version, v.kind, v.project, v.name limit $6)
  union all
  (select 'removed', v.api_version, v.kind, v.project, v.name
     from resource_versions v
    where v.to_revision = $1 and (v.api_version, v.kind, v.project, v.name) > ($2, $3, $4, $5)
      and not exists (
        select 1 from resource_versions w
         where (w.from_revision, w.api_version, w.kind, w.project, w.name)
             = (v.to_revision, v.api_version, v.kind, v.project, v.name))
    order by v.api_version, v.kind, v.project, v.name limit $6)`;

/** Reads of the changesets of operator resources. */
@Injectable()
export class RevisionsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. */
  async list({ limit, after }: PageQuery): Promise<Page<RevisionDto>> {
    const before = after === undefined ? Number.MAX_SAFE_INTEGER : decodeCursor(after, ['number'])[0];
    const rows = await this.dataSource.query<RevisionDto[]>(
      'select revision, at, author, message from revisions where revision < $1 order by revision desc limit $2',
      [before, limit + 1],
    );
    return pageOf(
      rows.map((row) => ({ ...row, revision: Number(row.revision) })),
      limit,
      (row) => row,
      ({ revision }) => [revision],
    );
  }

  /** What one of them changed, by identity. Throws `not-found`. */
  async changes(revision: number, { limit, after }: PageQuery): Promise<Page<RevisedResourceDto>> {
    const [known] = await this.dataSource.query<unknown[]>('select 1 from revisions where revision = $1', [
      revision,
    ]);
    if (!known)
      throw new CodedError(
        'not-found',
        `there is no revision ${revision}: GET /v1/revisions lists those there are`,
      );
    const behind =
      after === undefined ? ['', '', '', ''] : decodeCursor(after, ['string', 'string', 'string', 'string']);
    const rows = await this.dataSource.query<RevisedResourceDto[]>(CHANGES, [revision, ...behind, limit + 1]);
    rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    return pageOf(
      rows.slice(0, limit + 1),
      limit,
      (row) => row,
      ({ apiVersion, kind, project, name }) => [apiVersion, kind, project, name],
    );
  }
}

function keyOf({ apiVersion, kind, project, name }: RevisedResourceDto): string {
  return [apiVersion, kind, project, name].join('\0');
}
