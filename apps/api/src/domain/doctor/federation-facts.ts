import type { FederationSloSpec } from '@signalbox/contracts';

/** Over how long lags and failed runs are looked at: what is longer ago is over. Milliseconds. spec/federation. */
export const WINDOW_MS = 3_600_000;

/** Most facts of a peer that are counted one by one. */
export const MOST_DUE = 10_000;

/** How deliveries to one peer stand. Only facts that live and that the peer wants count. Seconds. */
export interface PeerFacts {
  readonly peer: string;
  readonly nodeName: string;
  readonly endpoint: string;
  readonly delivered: number;
  /** Tried three times or more, or given up. */
  readonly failed: number;
  /** Due, and tried less than three times. */
  readonly pending: number;
  /** Delivered once, and refreshed since: the peer has the older lease. */
  readonly staleTtl: number;
  /** Facts of ours that should be on their way, and of which nobody knows anything. */
  readonly missing: number;
  /** Longest way of a fact within {@link WINDOW_MS}, one that is under way still included; absent: none was. */
  readonly maxLagSeconds?: number;
  /** Until the first fact that is not delivered expires; absent: none does. */
  readonly dueExpiresInSeconds?: number;
  /** Until the first fact at all expires. */
  readonly minExpiresInSeconds?: number;
  /** What goes wrong now. */
  readonly error?: string;
  /** Its clock against ours: more than 0 = it is ahead. Absent: it was never heard. */
  readonly skewSeconds?: number;
}

/** Runs of the subscriptions of a group. */
export interface RunFacts {
  readonly total: number;
  readonly succeeded: number;
  /** Within {@link WINDOW_MS}. */
  readonly failed: number;
  /** Not at an end. */
  readonly pending: number;
}

/** What is known of one group. */
export interface GroupFacts {
  readonly group: string;
  readonly nodeName: string;
  /** The declared thresholds; absent: the defaults. */
  readonly slo?: FederationSloSpec;
  /** Facts that live. */
  readonly events: number;
  /** Those of them that are ours. */
  readonly ownEvents: number;
  /** Without ourselves, by name. */
  readonly peers: readonly PeerFacts[];
  readonly runs: RunFacts;
  /** Members are declared: anybody else who signs is refused. */
  readonly hasMembers: boolean;
  /** Others push to us here. */
  readonly listens: boolean;
  /** Clocks of those who push to us, by node or address, against ours. */
  readonly senders: readonly SenderFacts[];
}

/** The clock of somebody who pushes to us, by what he signed last. */
export interface SenderFacts {
  readonly sender: string;
  /** More than 0 = it is ahead. */
  readonly skewSeconds: number;
  /** How far it may be off. */
  readonly windowSeconds: number;
}
