import type { MatchedFact } from './domain/run-order.js';

/** A fact that matched the rule of a subscription. */
export interface Match {
  readonly subscription: string;
  readonly group: string;
  /** Revision of the rule that matched. */
  readonly revision: number;
  readonly matched: MatchedFact;
}
