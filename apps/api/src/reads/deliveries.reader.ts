import { Injectable } from '@nestjs/common';
import type { DeliveryState } from '@signalbox/contracts';
import { DeliveryRow } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { DeliveriesQuery, DeliveryItemDto } from './deliveries.dto.js';

/** Reads of deliveries to peers. */
@Injectable()
export class DeliveriesReader {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Last attempt first. A delivery that is tried again while a caller pages moves to the front, where the next
   * listing shows it; all others come exactly once.
   */
  async list({
    group,
    eventId,
    peer,
    status,
    limit,
    after,
  }: DeliveriesQuery): Promise<Page<DeliveryItemDto>> {
    const query = this.dataSource
      .getRepository(DeliveryRow)
      .createQueryBuilder('d')
      .where('true')
      .orderBy({ 'd.lastAttemptAt': 'DESC', 'd.group': 'DESC', 'd.peer': 'DESC', 'd.id': 'DESC' })
      .limit(limit + 1);
    if (group !== undefined) query.andWhere('d.group = :group', { group });
    if (eventId !== undefined) query.andWhere('d.id = :eventId', { eventId });
    if (peer !== undefined) query.andWhere('d.peer = :peer', { peer });
    if (status !== undefined) query.andWhere('d.state = :status', { status });
    if (after !== undefined) {
      const [at, g, p, id] = decodeCursor(after, ['string', 'string', 'string', 'string']);
      query.andWhere('(d.lastAttemptAt, d.group, d.peer, d.id) < (:at, :g, :p, :id)', { at, g, p, id });
    }
    const rows = await query.getMany();
    return pageOf(rows, limit, deliveryItem, (row) => [row.lastAttemptAt, row.group, row.peer, row.id]);
  }
}

function deliveryItem(row: DeliveryRow): DeliveryItemDto {
  return {
    eventId: row.id,
    group: row.group,
    peer: row.peer,
    status: row.state as DeliveryState,
    attempts: row.attempts,
    lastAttempt: row.lastAttemptAt,
    lastError: row.errorCode === null ? null : `${row.errorCode}: ${row.error}`,
    deliveredAt: row.deliveredAt,
    version: row.version,
    expiresAt: row.expiresAt,
  };
}
