import type { FactRecord, WaitingReason } from '@signalbox/contracts';
import { decideMatch, type MatchClause } from './match-rule.js';
import type { Rule } from './rule.js';

/** Why one subscription did or did not fire for a fact. */
export interface MatchExplanation {
  readonly subscription: string;
  readonly matched: boolean;
  readonly clause?: MatchClause;
  readonly message?: string;
  /** It matched, and its run waits for this resource, because of {@link reason}. */
  readonly waitsFor?: string;
  /** The fact is of a type that retracts: what it ends and when, or why nothing. For people. */
  readonly retracts?: string;
  readonly reason?: WaitingReason;
  /** The subscription or its plugin changed at this revision since, for new facts only. */
  readonly changedAt?: number;
}

/** What is known of a fact that retracts under a rule. */
export interface RetractionFindings {
  /** The fact had expired when it was accepted, or a newer one of its own lineage was there. */
  readonly isVoid: boolean;
  /** When what it retracted ends, RFC 3339, and how many lineages that are. */
  readonly pending?: { readonly dueAt: string; readonly lineages: number };
  /** How many parts it ended. */
  readonly ended: number;
  /** The newest fact of the same origin and subject that may match. */
  readonly observed?: { readonly id: string; readonly isLater: boolean };
}

/** What a fact that retracts leads to under a rule. */
export function retractionText({ isVoid, pending, ended, observed }: RetractionFindings): string {
  if (pending) {
    const what = pending.lineages === 1 ? '1 lineage' : `${pending.lineages} lineages`;
    return `retracts what ${what} of its subject led to: it ends at ${pending.dueAt}, unless it is observed again before`;
  }
  if (ended > 0)
    return `retracted what its subject had led to: ${ended === 1 ? '1 part' : `${ended} parts`} ended`;
  if (isVoid) return 'retracts nothing: it had expired, or was older than another one of its lineage';
  if (observed?.isLater) return `retracts nothing: fact ${observed.id} came later, so what it led to stays`;
  return 'retracts nothing: its origin led to nothing with its subject';
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
