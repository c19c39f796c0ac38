import { Injectable } from '@nestjs/common';
import { Bus, whatIsKept } from '@signalbox/bus';
import { CodedError, factToWire, isExpired, storedNs, timestampNs } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { FactRow } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { momentMs } from '../http/time-range.js';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import { OperatorResources } from '../operator-resources.js';
import type { EventItemDto, EventsQuery } from './events.dto.js';
import { FreshFacts } from './fresh-facts.js';

/** Reads of stored facts. */
@Injectable()
export class EventsReader {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly resources: OperatorResources,
    private readonly fresh: FreshFacts,
    private readonly clock: Clock,
  ) {}

  /** By observedAt, then id, oldest first unless asked otherwise; expired ones only when asked for. Throws `unknown-group`. */
  async list(group: string, wanted: EventsQuery): Promise<Page<EventItemDto>> {
    this.resources.group(group);
    await this.fresh.of(group);
    const nowMs = this.clock.now();
    const { type, subject, source, order, sort, since, until, limit, after } = wanted;
    const isNewestFirst = order === 'newest' || sort === '-observedAt';
    const [direction, beyond] = isNewestFirst ? (['DESC', '<'] as const) : (['ASC', '>'] as const);
    const query = this.dataSource
      .getRepository(FactRow)
      .createQueryBuilder('f')
      .where('f.group = :group', { group })
      .orderBy('f.observed_ns', direction)
      .addOrderBy('f.id', direction)
      .limit(limit + 1);
    if (!wanted.includeExpired) {
      // as the indexes have it: what is over is passed over there
      query.andWhere('coalesce(f.expires_ns, 9223372036854775807) >= :nowNs', { nowNs: `${nowMs}000000` });
    }
    if (type !== undefined) query.andWhere('f.type = :type', { type });
    if (subject !== undefined)
      query.andWhere('left(f.subject, 64) = left(:subject, 64) and f.subject = :subject', { subject });
    if (source !== undefined) query.andWhere('f.origin = :source', { source });
    if (since !== undefined)
      query.andWhere('f.observed_ns >= :sinceNs', { sinceNs: `${momentMs(since, nowMs)}000000` });
    if (until !== undefined)
      query.andWhere('f.observed_ns < :untilNs', { untilNs: `${momentMs(until, nowMs)}000000` });
    if (after !== undefined) {
      const [ns, id] = decodeCursor(after, ['string', 'string']);
      query.andWhere(`(f.observed_ns, f.id) ${beyond} (:ns, :id)`, { ns: nanoseconds(ns), id });
    }
    const rows = await query.getMany();
    return pageOf(
      rows,
      limit,
      (row) => eventItem(row, nowMs),
      (row) => [storedNs(timestampNs(row.observedAt) ?? 0n), row.id],
    );
  }

  /** Throws `unknown-group` and `not-found`. */
  async get(group: string, id: string): Promise<EventItemDto> {
    const event = await this.find(group, id);
    if (!event) throw await this.unknown(group, id);
    return event;
  }

  /** Throws `unknown-group`. */
  async find(group: string, id: string): Promise<EventItemDto | undefined> {
    this.resources.group(group);
    await this.fresh.of(group);
    const row = await this.dataSource.getRepository(FactRow).findOneBy({ group, id });
    return row ? eventItem(row, this.clock.now()) : undefined;
  }

  /** That there is no such event, or no longer. */
  async unknown(group: string, id: string): Promise<CodedError> {
    const kept = await whatIsKept(this.bus, group);
    const list = `GET /v1/groups/${group}/events?includeExpired=true lists what there is`;
    return new CodedError(
      'not-found',
      `group ${group} has no event ${id}: ${list}${kept ? `; ${kept}` : ''}`,
    );
  }
}

/** Nanoseconds as a cursor carries them; they are beyond what a JSON number can hold. */
function nanoseconds(text: string | number | undefined): string {
  return /^-?\d{1,19}$/.test(String(text)) ? storedNs(BigInt(text ?? 0)) : '0';
}

function eventItem(row: FactRow, nowMs: number): EventItemDto {
  const { group, id, origin, type, subject, dedupeKey, payload, observedAt, expiresAt } = row;
  const lease = expiresAt === null ? {} : { expiresAt };
  const wire = factToWire({
    id,
    group,
    sourceNode: origin,
    type,
    subject,
    dedupeKey,
    payload,
    observedAt,
    ...lease,
    ...row.travel,
  });
  const { seq, version, own, way, acceptedAt } = row;
  return {
    ...(wire as Pick<EventItemDto, 'id' | 'group' | 'sourceNode' | 'type' | 'dedupeKey' | 'observedAt'>),
    seq,
    version,
    own,
    way,
    acceptedAt,
    expired: isExpired(lease, nowMs),
  };
}
