import type { FactRecord } from '@signalbox/contracts';
import { decideMatch, type MatchClause } from './match-rule.js';
import type { Rule } from './rule.js';

/** Why one subscription did or did not fire for a fact. */
export interface MatchExplanation {
  readonly subscription: string;
  readonly matched: boolean;
  readonly clause?: MatchClause;
  readonly message?: string;
  /** It matched, but its plugin is not declared, or suspended: the run waits for this resource. */
  readonly waitsFor?: string;
}

/**
 * For every rule: matched, or the first clause that failed, sorted by subscription. With the rules of the revision
 * at which the fact was decided and the time of that decision this repeats the decision itself.
 */
export function explainFact(rules: readonly Rule[], record: FactRecord, nowMs: number): MatchExplanation[] {
  const context = { current: record.current, nowMs };
  return rules
    .map((rule) => {
      const decision = decideMatch(rule, record.fact, context);
      const waits = decision.matched && (!rule.pluginExists || rule.isSuspended);
      return {
        subscription: rule.subscription,
        ...decision,
        ...(waits && { waitsFor: `Plugin/${rule.plugin}` }),
      };
    })
    .sort((a, b) => (a.subscription < b.subscription ? -1 : a.subscription > b.subscription ? 1 : 0));
}
