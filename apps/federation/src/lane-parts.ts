import type { Clock, Log, Tracing } from '@signalbox/runtime';
import type { DeliveryJournal } from './delivery-journal.js';
import type { DeliveryMetrics } from './delivery-metrics.js';
import type { WantedPeer } from './domain/wanted-peer.js';

/** What all lanes work with. `random` gives 0 to 1, for the jitter of back-offs. */
export interface LaneParts {
  readonly journal: DeliveryJournal;
  readonly metrics: DeliveryMetrics;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly tracing: Tracing;
}

/** Injection token of the {@link LaneParts}. */
export const LANE_PARTS = Symbol('LaneParts');

/** A peer and the durable consumer that serves it. */
export type LanePeer = WantedPeer & { readonly durable: string };
