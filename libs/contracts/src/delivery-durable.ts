import { subjectToken } from './subjects.js';

const FORM = /^deliver-(.+)-([0-9a-f]{8})-([0-9a-f]{8})(-afresh)?$/;

/** The parts of the name of a durable that delivers facts to a peer; `owner` is {@link deliveryOwner} of the peer. */
export interface DeliveryDurable {
  readonly owner: string;
  /** Hash of the peer's node, and of what it wants. */
  readonly node: string;
  readonly filter: string;
  /** Earlier deliveries do not count: the peer was another node before. */
  readonly isAfresh: boolean;
}

/** How durables name a peer of a group. */
export function deliveryOwner(group: string, peer: string): string {
  return `${group}-${subjectToken(peer)}`;
}

/** The name of a durable. */
export function nameOfDelivery({ owner, node, filter, isAfresh }: DeliveryDurable): string {
  return `deliver-${owner}-${node}-${filter}${isAfresh ? '-afresh' : ''}`;
}

/** The parts of a durable's name; undefined when it delivers to no peer. */
export function readDelivery(durable: string): DeliveryDurable | undefined {
  const [, owner, node, filter, afresh] = FORM.exec(durable) ?? [];
  if (owner === undefined || node === undefined || filter === undefined) return undefined;
  return { owner, node, filter, isAfresh: afresh !== undefined };
}
