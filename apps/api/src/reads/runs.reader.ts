import { Injectable } from '@nestjs/common';
import { CodedError } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { RunRow } from '@signalbox/store';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { momentText } from '../http/time-range.js';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { RunItemDto, RunsQuery } from './runs.dto.js';

/** How many runs of one fact an explanation shows, the newest. */
const RUNS_OF_FACT = 100;

/** Reads of plugin runs, newest first unless asked otherwise. */
@Injectable()
export class RunsReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  async list(wanted: RunsQuery): Promise<Page<RunItemDto>> {
    const { subscription, eventId, plugin, state, sort, since, until, limit, after } = wanted;
    const [direction, beyond] = sort === 'plannedAt' ? (['ASC', '>'] as const) : (['DESC', '<'] as const);
    const nowMs = this.clock.now();
    const query = this.ordered(direction).limit(limit + 1);
    if (plugin !== undefined) query.andWhere('r.plugin = :plugin', { plugin });
    if (since !== undefined) query.andWhere('r.plannedAt >= :since', { since: momentText(since, nowMs) });
    if (until !== undefined) query.andWhere('r.plannedAt < :until', { until: momentText(until, nowMs) });
    if (subscription !== undefined) query.andWhere('r.subscription = :subscription', { subscription });
    if (eventId !== undefined) query.andWhere('r.factIds @> array[:eventId]::text[]', { eventId });
    if (state !== undefined) query.andWhere('r.state = :state', { state });
    if (after !== undefined) {
      const [plannedAt, runId] = decodeCursor(after, ['string', 'string']);
      query.andWhere(`(r.plannedAt, r.runId) ${beyond} (:plannedAt, :runId)`, { plannedAt, runId });
    }
    return pageOf(await query.getMany(), limit, runItem, (row) => [row.plannedAt, row.runId]);
  }

  /** Throws `not-found`. */
  async get(runId: string): Promise<RunItemDto> {
    const row = await this.dataSource.getRepository(RunRow).findOneBy({ runId });
    if (row) return runItem(row);
    throw new CodedError('not-found', `there is no run ${runId}: GET /v1/runs lists what there is`);
  }

  /** The runs that a fact takes part in. */
  async ofFact(group: string, eventId: string): Promise<RunItemDto[]> {
    const rows = await this.ordered('DESC')
      .where('r.factIds @> array[:eventId]::text[] and r.group = :group', { eventId, group })
      .limit(RUNS_OF_FACT)
      .getMany();
    return rows.map(runItem);
  }

  private ordered(direction: 'ASC' | 'DESC'): SelectQueryBuilder<RunRow> {
    return this.dataSource
      .getRepository(RunRow)
      .createQueryBuilder('r')
      .orderBy({ 'r.plannedAt': direction, 'r.runId': direction });
  }
}

function runItem({ view }: RunRow): RunItemDto {
  return JSON.parse(view) as RunItemDto;
}
