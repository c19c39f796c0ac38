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
    if (rows.length === 0 && kind !== undefined) await this.refuseUnknown(kind);
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
    if (rows.length === 0) await this.refuseUnknown(kind);
    const [item] = await this.itemsOf([pickResource(wanted, rows)]);
    return item!;
  }

  private ofKind(query: SelectQueryBuilder<ResourceVersionRow>, text: string): void {
    const { kind, group } = readKindName(text);
    query.andWhere('r.kind = :kind', { kind });
    if (group !== undefined) query.andWhere("split_part(r.apiVersion, '/', 1) = :group", { group });
  }

  private async refuseUnknown(kind: string): Promise<void> {
    const rows = await this.standing().select('distinct r.kind', 'kind').getRawMany<{ kind: string }>();
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
