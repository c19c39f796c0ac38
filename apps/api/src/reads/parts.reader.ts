import { Injectable } from '@nestjs/common';
import type { Part, PartState } from '@signalbox/contracts';
import { PartRow } from '@signalbox/store';
import { DataSource, In } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PartItemDto, PartsQuery } from './parts.dto.js';

/** Reads of dynamic config parts. */
@Injectable()
export class PartsReader {
  constructor(private readonly dataSource: DataSource) {}

  /** By source, its newest generation first. */
  async list({ source, owner, state, full, limit, after }: PartsQuery): Promise<Page<PartItemDto>> {
    const query = this.dataSource
      .getRepository(PartRow)
      .createQueryBuilder('p')
      .where('true')
      .orderBy({ 'p.source': 'ASC', 'p.generation': 'DESC' })
      .limit(limit + 1);
    if (source !== undefined) query.andWhere('p.source = :source', { source });
    if (owner !== undefined) query.andWhere('p.owner = :owner', { owner });
    if (state !== undefined) query.andWhere('p.state = :state', { state });
    if (after !== undefined) {
      const [s, g] = decodeCursor(after, ['string', 'number']);
      query.andWhere('(p.source > :s or (p.source = :s and p.generation < :g::bigint))', { s, g });
    }
    const rows = await query.getMany();
    return pageOf(
      rows,
      limit,
      (row) => partItem(row, full),
      (row) => [row.source, row.generation],
    );
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
    subscription: part.subscription,
    plugin: part.plugin,
    facts: part.facts,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    ...(full && { body: { resources, directives, actionPlans } }),
  };
}
