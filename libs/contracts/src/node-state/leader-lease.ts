/**
 * What the bucket of leaders says of one VIP: who leads it, or who led it last. Written by revision, by the agents of nodes alone: by the
 * leader, by one that takes over, and by one that asks the leader to hand over. ADR 0043.
 */
export interface LeaderLease {
  /** Node of the leader. */
  readonly node: string;
  /** Which process it is: another one of the node has not what this one took. */
  readonly run: string;
  /** Counts what the process wrote of the VIP, so that it knows its own messages again. */
  readonly count: number;
  /** Place of the node among those that may lead the VIP. */
  readonly rank: number;
  /** How long nobody else takes over once this was read. Milliseconds. */
  readonly leaseMs: number;
  /** The leader has the VIP no more: whoever heard it say so may take it at once. */
  readonly released?: true;
  /** A node with a better rank that asks for it; of a lease that was released: for whom it was. */
  readonly wantedBy?: string;
}
