import { Injectable } from '@nestjs/common';
import { DEFAULT_PROJECT, type Resource } from '@signalbox/contracts';
import { ResourceVersionRow } from '@signalbox/store';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { pickResource, type ResourceName } from '../domain/pick-resource.js';
import { readKindName, unknownKind } from '../domain/kind-name.js';
import { ResourceConditions } from './resource-conditions.js';
import type { ResourceItemDto, ResourcesQuery } from './resources.dto.js';

/** How many resources of one kind and name, but of different API groups, are looked at. */
const NAMESAKES = 10;

/** The kinds of what stands: from each to the next one by the index, not by looking at every resource. */
const KINDS = `
  with recursive kinds as (
    (select kind from resource_versions where to_revision is null order by kind limit 1)
    union all
    select (select r.kind from resource_versions r where r.to_revision is null and r.kind > k.kind order by r.kind limit 1)
      from kinds k where k.kind is not null)
  select kind from kinds where kind is not null`;

/** Whether a project has anything of a kind. */
const KIND_IN_PROJECT = `
  select kind from resource_versions where to_revision is null and kind = $1 and project = $2 limit 1`;

/** Reads of the operator resources as they stand. */
@Injectable()
export class ResourcesReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly conditions: ResourceConditions,
  ) {}

  /** Sorted by identity. Throws `not-found` when nobody knows the kind. */
  async list({ kind, name, project, limit, after }: ResourcesQuery): Promise<Page<ResourceItemDto>> {
    const query = this.standing().orderBy({
      'r.apiVersion': 'ASC',
      'r.kind': 'ASC',
      'r.project': 'ASC',
      'r.name': 'ASC',
    });
    if (kind !== undefined) this.ofKind(query, kind);
    if (name !== undefined) query.andWhere('r.name = :name', { name });
    if (project !== undefined) query.andWhere('r.project = :project', { project });
    if (after !== undefined) {
      const [a, k, p, n] = decodeCursor(after, ['string', 'string', 'string', 'string']);
      query.andWhere('(r.apiVersion, r.kind, r.project, r.name) > (:a, :k, :p, :n)', { a, k, p, n });
    }
    const rows = await query.limit(limit + 1).getMany();
    if (rows.length === 0 && kind !== undefined) await this.refuseUnknown(kind, project);
    const page = pageOf(
      rows,
      limit,
      (row) => row,
      (row) => [row.apiVersion, row.kind, row.project, row.name],
    );
    return { ...page, items: await this.itemsOf(page.items) };
  }

  /** Throws `not-found`, and `validation-failed` when two kinds of this name have such a resource. */
  async get(wanted: ResourceName): Promise<ResourceItemDto> {
    const { kind, name, project = DEFAULT_PROJECT, apiVersion } = wanted;
    const query = this.standing()
      .andWhere('r.name = :name and r.project = :project', { name, project })
      .orderBy('r.apiVersion');
    this.ofKind(query, kind);
    if (apiVersion !== undefined) query.andWhere('r.apiVersion = :apiVersion', { apiVersion });
    const rows = await query.limit(NAMESAKES).getMany();
    if (rows.length === 0) await this.refuseUnknown(kind, wanted.project);
    const [item] = await this.itemsOf([pickResource(wanted, rows)]);
    return item!;
  }

  private ofKind(query: SelectQueryBuilder<ResourceVersionRow>, text: string): void {
    const { kind, group } = readKindName(text);
    query.andWhere('r.kind = :kind', { kind });
    if (group !== undefined)
      query.andWhere("(r.apiVersion = :group or starts_with(r.apiVersion, :group || '/'))", { group });
  }

  /** A project learns of the kinds of others neither that they are there nor how they are written. */
  private async refuseUnknown(kind: string, project?: string): Promise<void> {
    const rows =
      project === undefined
        ? await this.dataSource.query<{ kind: string }[]>(KINDS)
        : await this.dataSource.query<{ kind: string }[]>(KIND_IN_PROJECT, [
            readKindName(kind).kind,
            project,
          ]);
    const unknown = unknownKind(
      kind,
      rows.map((row) => row.kind),
    );
    if (unknown) throw unknown;
  }

  private async itemsOf(rows: readonly ResourceVersionRow[]): Promise<ResourceItemDto[]> {
    const resources = rows.map(({ body }) => JSON.parse(body) as Resource);
    const conditions = await this.conditions.ofAll(resources);
    return rows.map(({ fromRevision, setName }, index) => ({
      resource: resources[index]!,
      revision: fromRevision,
      set: setName,
      status: { conditions: conditions[index] ?? [] },
    }));
  }

  private standing(): SelectQueryBuilder<ResourceVersionRow> {
    return this.dataSource
      .getRepository(ResourceVersionRow)
      .createQueryBuilder('r')
      .where('r.toRevision is null');
  }
}
