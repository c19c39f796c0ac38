import { Injectable } from '@nestjs/common';
import { Clock } from '@signalbox/runtime';
import { DataSource } from 'typeorm';
import type { DeliveryItemDto } from './deliveries.dto.js';
import { FreshFacts } from './fresh-facts.js';
import type { PeerStanding } from './peer-standings.js';

/** A place in the list: behind the fact `seq` of a peer. */
export interface DuePlace {
  readonly group: string;
  readonly peer: string;
  readonly seq: number;
}

/** A delivery that was never tried, with its place. */
export interface DueDelivery {
  readonly item: DeliveryItemDto;
  readonly place: DuePlace;
}

/** Live facts of ours behind `$3`, newest first, that the peer wants and that no recorded try speaks of. */
const DUE = `
  select f.id, f.seq, f.version, f.expires_at as "expiresAt" from facts f
   where f.group_name = $1 and f.own and f.seq > $3 and f.seq < $4
     and (f.expires_ns is null or f.expires_ns >= $5::bigint)
     and (cardinality($6::text[]) = 0 or f.type = any($6::text[]))
     and (cardinality($7::text[]) = 0 or exists (select from unnest($7::text[]) p where starts_with(f.subject, p)))
     and ($8::text is null or f.id = $8)
     and not exists (
       select from deliveries d where d.group_name = f.group_name and d.peer = $2 and d.id = f.id
          and (d.seq >= f.seq or d.delivered_version >= f.version))
   order by f.seq desc limit $9`;

/**
 * Deliveries that are due and were never tried. They are worked out from the facts and from how far the peer has got:
 * a record per waiting fact and peer would cost as much as the deliveries themselves, and would say nothing new.
 */
@Injectable()
export class DueDeliveries {
  constructor(
    private readonly dataSource: DataSource,
    private readonly fresh: FreshFacts,
    private readonly clock: Clock,
  ) {}

  /** By group and peer, newest fact first; at most `limit` behind a place. */
  async list(
    peers: readonly PeerStanding[],
    { eventId, limit, after }: { eventId?: string; limit: number; after?: DuePlace },
  ): Promise<DueDelivery[]> {
    const found: DueDelivery[] = [];
    for (const peer of peers) {
      if (found.length >= limit) break;
      const comparison = after ? comparePlaces(peer, after) : 1;
      if (!peer.mayWait || comparison < 0) continue;
      const before = comparison === 0 && after ? after.seq : Number.MAX_SAFE_INTEGER;
      found.push(...(await this.ofPeer(peer, before, limit - found.length, eventId)));
    }
    return found;
  }

  private async ofPeer(
    peer: PeerStanding,
    before: number,
    limit: number,
    eventId: string | undefined,
  ): Promise<DueDelivery[]> {
    const { group, name, nodeName, types, subjectPrefixes, doneUpTo, error } = peer;
    await this.fresh.of(group);
    const rows = await this.dataSource.query<
      { id: string; seq: number; version: number; expiresAt: string | null }[]
    >(DUE, [
      group,
      name,
      doneUpTo,
      before,
      `${this.clock.now()}000000`,
      types,
      subjectPrefixes,
      eventId ?? null,
      limit,
    ]);
    return rows.map(({ id, seq, version, expiresAt }) => ({
      place: { group, peer: name, seq },
      item: {
        eventId: id,
        group,
        peer: name,
        node: nodeName,
        status: 'pending',
        attempts: 0,
        lastAttempt: null,
        lastError: error ? `${error.code}: ${error.message}` : null,
        deliveredAt: null,
        version,
        expiresAt,
      },
    }));
  }
}

function comparePlaces(peer: PeerStanding, place: DuePlace): number {
  if (peer.group !== place.group) return peer.group < place.group ? -1 : 1;
  return peer.name < place.peer ? -1 : peer.name > place.peer ? 1 : 0;
}
