import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { diffFields } from '../domain/field-diff.js';
import type { AuditEntryDto, AuditQuery } from './audit.dto.js';

interface EntryRow {
  readonly seq: string | number;
  readonly place: number;
  readonly at: string;
  readonly author: string;
  readonly subject: string | null;
  readonly address: string | null;
  readonly agent: string | null;
  readonly action: string;
  readonly apiVersion: string | null;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
  readonly part: string;
  readonly reason: string;
  readonly before?: string | null;
  readonly after?: string | null;
}

/** Columns that an entry is searched by; the texts of those with an index are compared by their beginning first. */
const FILTERS = {
  author: '(left(e.author, 200) = left(%, 200) and e.author = %)',
  subject: '(left(e.subject, 200) = left(%, 200) and e.subject = %)',
  kind: 'e.kind = %',
  name: '(left(e.name, 200) = left(%, 200) and e.name = %)',
  inProject: '(left(e.project, 200) = left(%, 200) and e.project = %)',
  since: 'e.at >= %',
  until: 'e.at < %',
} as const;

/** How the thing was before and after: a resource by its versions, all else by what its records say. */
const STATES = `
  left join lateral (select v.body from resource_versions v
     where (v.api_version, v.kind, v.project, v.name, v.from_revision) = (e.api_version, e.kind, e.project, e.name, e.seq)) a on true
  left join lateral (select v.body, v.to_revision from resource_versions v
     where (v.api_version, v.kind, v.project, v.name) = (e.api_version, e.kind, e.project, e.name) and v.from_revision < e.seq
     order by v.from_revision desc limit 1) b on true
  left join lateral (select p.detail from audit_entries p
     where e.api_version is null and p.kind = e.kind and left(p.name, 200) = left(e.name, 200) and p.seq < e.seq
       and (p.name, p.project, p.part) = (e.name, e.project, e.part)
     order by p.seq desc limit 1) d on true`;

/** Reads of who changed what. */
@Injectable()
export class AuditReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. Throws `validation-failed` for a cursor of another list. */
  async list({ limit, after, changes, ...filters }: AuditQuery): Promise<Page<AuditEntryDto>> {
    const [seq, place] =
      after === undefined ? [Number.MAX_SAFE_INTEGER, 0] : decodeCursor(after, ['number', 'number']);
    const values: unknown[] = [seq, place, limit + 1];
    const conditions = Object.entries(FILTERS).flatMap(([name, condition]) => {
      const value = filters[name as keyof typeof FILTERS];
      if (value === undefined) return [];
      values.push(value);
      return [condition.replaceAll('%', `$${values.length}::text`)];
    });
    const where = ['(e.seq, e.place) < ($1::bigint, $2::integer)', ...conditions].join(' and ');
    const states = `, case when b.to_revision = e.seq then b.body else d.detail end as before, coalesce(a.body, e.detail) as after`;
    const rows = await this.dataSource.query<EntryRow[]>(
      `select e.seq, e.place, e.at, e.author, e.subject, e.address, e.agent, e.action, e.api_version as "apiVersion",
              e.kind, e.project, e.name, e.part, e.reason${changes ? states : ''}
         from (select * from audit_entries e where ${where} order by e.seq desc, e.place desc limit $3) e ${changes ? STATES : ''}
        order by e.seq desc, e.place desc`,
      values,
    );
    return pageOf(
      rows,
      limit,
      (row) => entryOf(row, changes),
      (row) => [Number(row.seq), row.place],
    );
  }
}

function entryOf({ before, after, seq, ...row }: EntryRow, changes: boolean): AuditEntryDto {
  const known = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== ''));
  return {
    ...(known as Omit<AuditEntryDto, 'seq' | 'changes'>),
    seq: Number(seq),
    ...(changes && { changes: diffFields(parsed(before), parsed(after)) }),
  };
}

function parsed(body: string | null | undefined): unknown {
  return body === null || body === undefined ? undefined : JSON.parse(body);
}
