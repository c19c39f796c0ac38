import { goDurationMs } from './duration.js';
import type { EventSubscriptionSpec } from './kinds/specs.js';

/**
 * Most of one batch. `facts` and `bytes`: JSON of payload, id, type and subject, reference 5.4. `orderBytes`: JSON of what an order
 * says of its facts, so that a plan fits into a message of a server that allows the usual 1 MiB.
 */
export const BATCH_LIMITS = {
  facts: 1024,
  bytes: 4 * 1024 * 1024,
  orderBytes: 512 * 1024,
  /** How long a batch with `debounce` alone waits at most. */
  longestDebounceMs: 60_000,
} as const;

/** How the facts of a subscription are gathered. Milliseconds, more than 0. */
export interface BatchPolicy {
  /** A batch starts so long after its first fact. */
  readonly windowMs?: number;
  /** A batch starts when no further fact came for so long. */
  readonly debounceMs?: number;
}

/** How a validated subscription gathers facts; undefined when every fact starts a run of its own. Zero and below is off. */
export function batchPolicyOf({ trigger }: Pick<EventSubscriptionSpec, 'trigger'>): BatchPolicy | undefined {
  const windowMs = goDurationMs(trigger.batchWindow);
  const debounceMs = goDurationMs(trigger.debounce);
  if (windowMs <= 0 && debounceMs <= 0) return undefined;
  return { ...(windowMs > 0 && { windowMs }), ...(debounceMs > 0 && { debounceMs }) };
}
