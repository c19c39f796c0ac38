import { deliveryOwner, nameOfDelivery, readDelivery, sha256Hex } from '@signalbox/contracts';
import type { WantedPeer } from './wanted-peer.js';

/** Which durable consumer serves a peer, which ones it replaces, and whether earlier deliveries count. */
export interface DurablePlan {
  readonly durable: string;
  readonly obsolete: readonly string[];
  /** False when the peer was another node before: what that one has says nothing about this one. */
  readonly skipDelivered: boolean;
}

/** Whether a durable is one of ours. */
export function isDeliveryDurable(durable: string): boolean {
  return readDelivery(durable) !== undefined;
}

/**
 * The durable of a peer is named after group, peer, node and filter, so that another node or filter starts at the
 * beginning of the stream while another endpoint or secret does not (spec/federation "Delivery").
 */
export function planDurable(peer: WantedPeer, existing: readonly string[]): DurablePlan {
  const { group, name, nodeName, types, subjectPrefixes } = peer;
  const owner = deliveryOwner(group, name);
  const node = hash([group, name, nodeName]);
  const filter = hash([[...types].sort(), [...subjectPrefixes].sort()]);
  const mine = existing.filter((durable) => readDelivery(durable)?.owner === owner);
  const isAfresh = mine.some((durable) => {
    const of = readDelivery(durable);
    return of?.node !== node || of.isAfresh;
  });
  const durable = nameOfDelivery({ owner, node, filter, isAfresh });
  return { durable, obsolete: mine.filter((one) => one !== durable), skipDelivered: !isAfresh };
}

function hash(value: unknown): string {
  return sha256Hex(JSON.stringify(value)).slice(0, 8);
}
