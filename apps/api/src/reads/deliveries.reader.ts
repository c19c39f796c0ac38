import { Injectable } from '@nestjs/common';
import type { DeliveryState } from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import { DeliveryRow } from '@signalbox/store';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { decodeCursor, type Page, pageOf } from '../domain/cursor.js';
import type { DeliveriesQuery, DeliveryItemDto } from './deliveries.dto.js';
import { DueDeliveries, type DuePlace } from './due-deliveries.js';
import { type PeerStanding, PeerStandings } from './peer-standings.js';

/** Where a page begins: among the deliveries that were never tried, or among those with a recorded try. */
type Key =
  readonly ['due', string, string, string, string] | readonly ['tried', string, string, string, string];

interface Listed {
  readonly item: DeliveryItemDto;
  readonly key: Key;
}

/** Reads of deliveries to peers. */
@Injectable()
export class DeliveriesReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly standings: PeerStandings,
    private readonly due: DueDeliveries,
    private readonly clock: Clock,
  ) {}

  /**
   * First those that were never tried, by group and peer, newest fact first; then last attempt first. A delivery that
   * is tried while a caller pages moves to where the next listing shows it; all others come exactly once.
   */
  async list(wanted: DeliveriesQuery): Promise<Page<DeliveryItemDto>> {
    const { status, limit, after } = wanted;
    const key = after === undefined ? undefined : keyOf(after);
    const peers = (await this.standings.all()).filter((peer) => isWanted(peer, wanted));
    const listed: Listed[] = [];
    if (key?.[0] !== 'tried' && (status === undefined || status === 'pending'))
      listed.push(...(await this.neverTried(peers, wanted, key)));
    if (listed.length <= limit)
      listed.push(...(await this.tried(peers, wanted, key, limit + 1 - listed.length)));
    return pageOf(
      listed,
      limit,
      ({ item }) => item,
      (one) => one.key,
    );
  }

  private async neverTried(
    peers: readonly PeerStanding[],
    { eventId, limit }: DeliveriesQuery,
    key: Key | undefined,
  ): Promise<Listed[]> {
    const after: DuePlace | undefined = key && { group: key[1], peer: key[2], seq: Number(key[3]) };
    const found = await this.due.list(peers, {
      limit: limit + 1,
      ...(eventId !== undefined && { eventId }),
      ...(after && { after }),
    });
    return found.map(({ item, place }) => ({
      item,
      key: ['due', place.group, place.peer, String(place.seq), ''],
    }));
  }

  private async tried(
    peers: readonly PeerStanding[],
    { group, eventId, peer, status }: DeliveriesQuery,
    key: Key | undefined,
    limit: number,
  ): Promise<Listed[]> {
    const query = this.dataSource
      .getRepository(DeliveryRow)
      .createQueryBuilder('d')
      .where('true')
      .orderBy({ 'd.lastAttemptAt': 'DESC', 'd.group': 'DESC', 'd.peer': 'DESC', 'd.id': 'DESC' })
      .limit(limit);
    if (group !== undefined) query.andWhere('d.group = :group', { group });
    if (eventId !== undefined) query.andWhere('d.id = :eventId', { eventId });
    if (peer !== undefined) byPeer(query, [...new Set([peer, ...peers.map(({ name }) => name)])]);
    if (status !== undefined) query.andWhere('d.state = :status', { status });
    if (key?.[0] === 'tried') {
      const [, at, g, p, id] = key;
      query.andWhere('(d.lastAttemptAt, d.group, d.peer, d.id) < (:at, :g, :p, :id)', { at, g, p, id });
    }
    const waiting = peers.filter(({ mayWait }) => mayWait).map((one) => `${one.group} ${one.name}`);
    if (waiting.length > 0) {
      // a refresh that was never tried is listed as such: the row of the earlier record says nothing of it
      query.andWhere(
        `not (d.group || ' ' || d.peer = any(:waiting) and exists (
          select from facts f where f.group_name = d.group and f.id = d.id and f.own and f.seq > d.seq
             and f.version > coalesce(d.deliveredVersion, 0) and (f.expires_ns is null or f.expires_ns >= :nowNs)))`,
        { waiting, nowNs: `${this.clock.now()}000000` },
      );
    }
    const nodes = new Map(peers.map((one) => [`${one.group} ${one.name}`, one.nodeName]));
    return (await query.getMany()).map((row) => ({
      item: deliveryItem(row, nodes.get(`${row.group} ${row.peer}`) ?? null),
      key: ['tried', row.lastAttemptAt, row.group, row.peer, row.id],
    }));
  }
}

function keyOf(after: string): Key {
  return decodeCursor(after, ['string', 'string', 'string', 'string', 'string']) as unknown as Key;
}

/** A peer goes by the name of its EventPeer or by that of its node. */
function isWanted({ group, name, nodeName }: PeerStanding, wanted: DeliveriesQuery): boolean {
  const isPeer = wanted.peer === undefined || wanted.peer === name || wanted.peer === nodeName;
  return isPeer && (wanted.group === undefined || wanted.group === group);
}

/** One name has an index in the order of the list; several names have to be sorted. */
function byPeer(query: SelectQueryBuilder<DeliveryRow>, names: readonly string[]): void {
  if (names.length === 1) query.andWhere('d.peer = :peer', { peer: names[0] });
  else query.andWhere('d.peer = any(:peers)', { peers: names });
}

function deliveryItem(row: DeliveryRow, node: string | null): DeliveryItemDto {
  return {
    eventId: row.id,
    group: row.group,
    peer: row.peer,
    node,
    status: row.state as DeliveryState,
    attempts: row.attempts,
    lastAttempt: row.lastAttemptAt,
    lastError: row.errorCode === null ? null : `${row.errorCode}: ${row.error}`,
    deliveredAt: row.deliveredAt,
    version: row.version,
    expiresAt: row.expiresAt,
  };
}
