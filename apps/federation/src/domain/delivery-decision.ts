import { type FactRecord, isExpired } from '@signalbox/contracts';
import { passesFilter, type PeerFilter } from './peer-filter.js';

/** The newest version of a fact that a peer has, and where the record of its last delivery stands. */
export interface DeliveredFact {
  readonly version: number;
  readonly seq: number;
}

/** Why a fact record is not pushed to a peer. */
export type SkipReason = 'not-own' | 'expired' | 'filtered' | 'delivered';

/**
 * Whether a fact record goes to a peer: ours (T16), not expired (T15), wanted by the peer (T18), and not delivered in
 * this version or a later one (T4). A refresh is a new version, so it is pushed again (T17).
 */
export function skipReason(
  record: FactRecord,
  seq: number,
  filter: PeerFilter,
  delivered: DeliveredFact | undefined,
  nowMs: number,
): SkipReason | undefined {
  if (!record.own) return 'not-own';
  if (isExpired(record.fact, nowMs)) return 'expired';
  if (!passesFilter(filter, record.fact)) return 'filtered';
  return isDelivered(record, seq, delivered) ? 'delivered' : undefined;
}

/** A record behind the delivered one with a version that is not newer is another life of the id: its facts were pruned. */
function isDelivered(record: FactRecord, seq: number, delivered: DeliveredFact | undefined): boolean {
  return delivered !== undefined && record.version <= delivered.version && seq <= delivered.seq;
}
