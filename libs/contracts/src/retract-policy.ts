import { parseDuration } from './duration.js';
import type { EventSubscriptionSpec } from './kinds/specs.js';

/** Most types of one subscription that retract. */
export const RETRACT_LIMITS = { types: 64 } as const;

/** What a subscription gets that says nothing. Reference 10.1 E16, spec/federation "Retraction". */
const DEFAULT_GRACE_MS = 5 * 60_000;

/** Which facts take back what others led to, and after how long: provision promptly, de-provision slowly. */
export interface RetractPolicy {
  /** Types of facts, at least one, none of `match.types`. */
  readonly types: readonly string[];
  /** From the acceptance of the fact that retracts. Milliseconds, 0 to 24 h. */
  readonly graceMs: number;
}

/** How a validated subscription retracts; undefined when it does not. Throws `bad-grammar` when the spec was not validated. */
export function retractPolicyOf({
  retract,
}: Pick<EventSubscriptionSpec, 'retract'>): RetractPolicy | undefined {
  if (!retract) return undefined;
  const { types, grace } = retract;
  return { types, graceMs: grace === undefined ? DEFAULT_GRACE_MS : parseDuration(grace) };
}
