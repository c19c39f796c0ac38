import type { FactRecord } from '@signalbox/contracts';
import { decideMatch, type MatchClause } from './match-rule.js';
import type { Rule } from './rule.js';

/** Why one subscription did or did not fire for a fact. */
export interface MatchExplanation {
  readonly subscription: string;
  readonly matched: boolean;
  readonly clause?: MatchClause;
  readonly message?: string;
}

/**
 * For every rule: matched, or the first clause that failed, sorted by subscription. With the rules of the revision
 * at which the fact was decided and the time of that decision this repeats the decision itself.
 */
export function explainFact(rules: readonly Rule[], record: FactRecord, nowMs: number): MatchExplanation[] {
  const context = { current: record.current, nowMs };
  return rules
    .map((rule) => ({ subscription: rule.subscription, ...decideMatch(rule, record.fact, context) }))
    .sort((a, b) => (a.subscription < b.subscription ? -1 : a.subscription > b.subscription ? 1 : 0));
}
