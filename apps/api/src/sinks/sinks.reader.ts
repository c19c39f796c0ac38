import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  CodedError,
  CONFIG_SINK,
  type ConfigSinkSpec,
  DEFAULT_PROJECT,
  type Resource,
  type SinkContent,
  type SinkFailure,
  type SinkIntent,
  sinkPlaceOf,
  type SinkQuestion,
  type SinkRendering,
  type SinkState,
  specOf,
  SUBJECTS,
  targetWayOf,
} from '@signalbox/contracts';
import { SinkApplyRow } from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import { noSuch } from '../balance/in-project.js';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { PageQuery } from '../http/page.query.js';
import type { SinkApplyDto, SinkDto, SinkItemDto } from './sinks.dto.js';

/** How long `sinks` may take to make a document. Milliseconds. */
const RENDER_MS = 5000;

/** Applies that are told with a sink. */
const LAST_APPLIES = 20;

/** A declared sink, and how it stands as far as its records say. */
interface SinkStanding {
  readonly name: string;
  readonly body: string;
  readonly revision: number;
  readonly state: SinkState | null;
  readonly at: string | null;
  readonly reason: string | null;
  readonly content: string | null;
  readonly failure: string | null;
  readonly intent: string | null;
  readonly newest: number | null;
}

/** Declared sinks that a condition picks, at most so many; the rest is looked up for these alone. */
function standings(condition: string, limit: string): string {
  return `
  select r.name, r.body, r.revision, s.state, s.at, s.reason, s.content, s.failure, i.body as intent,
         (select generation from generations order by generation desc limit 1) as newest
    from (select name, body, from_revision as revision from resource_versions
           where to_revision is null and api_version = '${CONFIG_SINK.apiVersion}' and kind = '${CONFIG_SINK.kind}'
             and project = '${DEFAULT_PROJECT}' and ${condition}
           order by name limit ${limit}) r
    left join lateral (select * from sinks where name = r.name and state <> 'removed' limit 1) s on true
    left join lateral (select * from sink_intents where name = r.name limit 1) i on true
   order by r.name`;
}

/** Reads of sinks and of what was applied to them. */
@Injectable()
export class SinksReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** By name. */
  async list({ limit, after }: PageQuery): Promise<Page<SinkItemDto>> {
    const behind = after === undefined ? '' : String(decodeCursor(after, ['string'])[0]);
    const rows = await this.dataSource.query<SinkStanding[]>(standings('name > $1', '$2'), [
      behind,
      limit + 1,
    ]);
    return pageOf(rows, limit, sinkItem, ({ name }) => [name]);
  }

  /** One sink with its last applies. Throws `not-found`. */
  async get(name: string): Promise<SinkDto> {
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const [row] = await tx.query<SinkStanding[]>(standings('name = $1', '1'), [name]);
      if (!row) throw noSuch('sink', name, 'sinks');
      const applies = await appliesOf(tx, name, LAST_APPLIES);
      return { ...sinkItem(row), applies: applies.map(applyItem) };
    });
  }

  /** What was applied and what failed, newest first; also of a sink that is gone, as long as records are kept. Throws `not-found`. */
  async applies(name: string, { limit, after }: PageQuery): Promise<Page<SinkApplyDto>> {
    const { manager } = this.dataSource;
    const before = after === undefined ? undefined : Number(decodeCursor(after, ['number'])[0]);
    const rows = await appliesOf(manager, name, limit + 1, before);
    if (rows.length === 0) {
      const [row] = await manager.query<SinkStanding[]>(standings('name = $1', '1'), [name]);
      if (!row) throw noSuch('sink', name, 'sinks');
    }
    return pageOf(rows, limit, applyItem, ({ version }) => [version]);
  }

  /** What it would write now. Throws `not-found`, `sink-template`, `too-large`, `not-ready`. */
  async render(name: string): Promise<SinkRendering> {
    const question: SinkQuestion = { sink: name };
    const answer = await this.bus.ask<SinkRendering>(SUBJECTS.ask('sinks', 'render'), question, RENDER_MS);
    if (answer !== undefined) return answer;
    throw new CodedError('not-ready', 'sinks does not answer: see whether it runs and is ready');
  }
}

function appliesOf(tx: EntityManager, sink: string, limit: number, before?: number): Promise<SinkApplyRow[]> {
  const query = tx
    .createQueryBuilder(SinkApplyRow, 'a')
    .where('a.sink = :sink', { sink })
    .orderBy('a.version', 'DESC')
    .limit(limit);
  if (before !== undefined) query.andWhere('a.version < :before::bigint', { before });
  return query.getMany();
}

function sinkItem(row: SinkStanding): SinkItemDto {
  const { name, body, revision, state, at, reason, newest } = row;
  const spec = specOf<ConfigSinkSpec>(JSON.parse(body) as Resource);
  const { content } = contentOf(row);
  const behind = content && (state === 'applied' ? 0 : Math.max(0, (newest ?? 0) - content.generation));
  return {
    name,
    description: spec.description ?? '',
    target: targetWayOf(spec),
    place: sinkPlaceOf(spec),
    revision,
    ...(state !== null && { state }),
    ...(at !== null && { at }),
    ...(reason !== null && { reason }),
    ...contentOf(row),
    ...(behind !== undefined && { behind }),
    ...pauseOf(row.intent),
  };
}

function applyItem(row: SinkApplyRow): SinkApplyDto {
  const { version, at, outcome, generation } = row;
  return { version, at, outcome, generation, ...contentOf(row) };
}

function contentOf({
  content,
  failure,
}: {
  readonly content: string | null;
  readonly failure: string | null;
}): {
  readonly content?: SinkContent;
  readonly failure?: SinkFailure;
} {
  return {
    ...(content !== null && { content: JSON.parse(content) as SinkContent }),
    ...(failure !== null && { failure: JSON.parse(failure) as SinkFailure }),
  };
}

function pauseOf(body: string | null): Pick<SinkItemDto, 'paused'> {
  if (body === null) return {};
  const { paused, author, reason, at } = JSON.parse(body) as SinkIntent;
  return paused ? { paused: { author, reason, at } } : {};
}
