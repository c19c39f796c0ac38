import { Injectable } from '@nestjs/common';
import { DEFAULT_PROJECT, type Resource } from '@signalbox/contracts';
import { ResourceVersionRow } from '@signalbox/store';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { pickResource, type ResourceName } from '../domain/pick-resource.js';
import type { ResourceItemDto, ResourcesQuery } from './resources.dto.js';

/** How many resources of one kind and name, but of different API groups, are looked at. */
const NAMESAKES = 10;

/** Reads of the operator resources as they stand. */
@Injectable()
export class ResourcesReader {
  constructor(private readonly dataSource: DataSource) {}

  /** Sorted by identity. */
  async list({ kind, name, project, limit, after }: ResourcesQuery): Promise<Page<ResourceItemDto>> {
    const query = this.standing().orderBy({
      'r.apiVersion': 'ASC',
      'r.kind': 'ASC',
      'r.project': 'ASC',
      'r.name': 'ASC',
    });
    if (kind !== undefined) query.andWhere('r.kind = :kind', { kind });
    if (name !== undefined) query.andWhere('r.name = :name', { name });
    if (project !== undefined) query.andWhere('r.project = :project', { project });
    if (after !== undefined) {
      const [a, k, p, n] = decodeCursor(after, ['string', 'string', 'string', 'string']);
      query.andWhere('(r.apiVersion, r.kind, r.project, r.name) > (:a, :k, :p, :n)', { a, k, p, n });
    }
    const rows = await query.limit(limit + 1).getMany();
    return pageOf(rows, limit, itemOf, (row) => [row.apiVersion, row.kind, row.project, row.name]);
  }

  /** Throws `not-found`, and `validation-failed` when two kinds of this name have such a resource. */
  async get(wanted: ResourceName): Promise<ResourceItemDto> {
    const { kind, name, project = DEFAULT_PROJECT, apiVersion } = wanted;
    const query = this.standing()
      .andWhere('r.kind = :kind and r.name = :name and r.project = :project', { kind, name, project })
      .orderBy('r.apiVersion');
    if (apiVersion !== undefined) query.andWhere('r.apiVersion = :apiVersion', { apiVersion });
    return itemOf(pickResource(wanted, await query.limit(NAMESAKES).getMany()));
  }

  private standing(): SelectQueryBuilder<ResourceVersionRow> {
    return this.dataSource
      .getRepository(ResourceVersionRow)
      .createQueryBuilder('r')
      .where('r.toRevision is null');
  }
}

function itemOf({ body, fromRevision, setName }: ResourceVersionRow): ResourceItemDto {
  return { resource: JSON.parse(body) as Resource, revision: fromRevision, set: setName };
}
