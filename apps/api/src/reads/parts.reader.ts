import { Injectable } from '@nestjs/common';
import type { Part, PartState } from '@signalbox/contracts';
import { PartRow } from '@signalbox/store';
import { DataSource, In, type ObjectLiteral } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PartItemDto, PartsQuery } from './parts.dto.js';

/** Which parts are listed. */
type PartsFilter = Pick<PartsQuery, 'source' | 'owner' | 'state'>;

/** Reads of dynamic config parts. */
@Injectable()
export class PartsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By source, its newest generation first. */
  async list({ limit, after, full, ...filter }: PartsQuery): Promise<Page<PartItemDto>> {
    const rows =
      after === undefined ? await this.page(filter, limit + 1) : await this.behind(after, filter, limit + 1);
    return pageOf(
      rows,
      limit,
      (row) => partItem(row, full),
      (row) => [row.source, row.generation],
    );
  }

  /** What is left of a source, then what follows it: a condition for both together is none that an index could begin at. */
  private async behind(after: string, filter: PartsFilter, limit: number): Promise<PartRow[]> {
    const [source, generation] = decodeCursor(after, ['string', 'number']);
    const rest = await this.page(filter, limit, 'p.source = :s and p.generation < :g::bigint', {
      s: source,
      g: generation,
    });
    if (rest.length === limit) return rest;
    return [...rest, ...(await this.page(filter, limit - rest.length, 'p.source > :s', { s: source }))];
  }

  private page(
    { source, owner, state }: PartsFilter,
    limit: number,
    from = 'true',
    values: ObjectLiteral = {},
  ): Promise<PartRow[]> {
    const query = this.dataSource
      .getRepository(PartRow)
      .createQueryBuilder('p')
      .where(from, values)
      .orderBy({ 'p.source': 'ASC', 'p.generation': 'DESC' })
      .limit(limit);
    if (source !== undefined) query.andWhere('p.source = :source', { source });
    if (owner !== undefined) query.andWhere('p.owner = :owner', { owner });
    if (state !== undefined) query.andWhere('p.state = :state', { state });
    return query.getMany();
  }

  /** The parts that some runs brought, without bodies, newest first. */
  async ofRuns(runIds: readonly string[]): Promise<PartItemDto[]> {
    const rows = await this.dataSource
      .getRepository(PartRow)
      .find({ where: { runId: In(runIds) }, order: { acceptedSeq: 'DESC' } });
    return rows.map((row) => partItem(row, false));
  }
}

function partItem(row: PartRow, full: boolean): PartItemDto {
  const part = JSON.parse(row.body) as Part;
  const { resources, directives, actionPlans } = part;
  return {
    source: row.source,
    owner: row.owner,
    generation: row.generation,
    state: row.state as PartState,
    reason: row.reason,
    resources: resources.length,
    directives: directives.length,
    actionPlans: actionPlans.length,
    observedAt: part.observedAt,
    expiresAt: row.expiresAt,
    digest: part.digest,
    runId: row.runId,
    ...(part.subscription !== undefined && { subscription: part.subscription }),
    ...(part.plugin !== undefined && { plugin: part.plugin }),
    facts: part.facts,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    ...(full && { body: { resources, directives, actionPlans } }),
  };
}
