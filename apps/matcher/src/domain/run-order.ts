import {
  partSourceOf,
  formatTime,
  type ErrorCode,
  type RunFact,
  type RunOrder,
  type RunRecord,
} from '@signalbox/contracts';
import type { Rule } from './rule.js';
import { runIdOf, runIdOfPiece } from './run-identity.js';
import type { LeftPart } from './standing-parts.js';

/** A fact that matched a rule. `version` counts the accepted records of its id (FactRecord.version). */
export interface MatchedFact {
  readonly fact: RunFact;
  readonly expiresAt?: string;
  readonly version: number;
  /** Where facts are gathered: when it came, and what it counts for. */
  readonly gathered?: { readonly atMs: number; readonly bytes: number };
}

/** Why nothing will be executed for a fact. */
export type SkipCode = Extract<
  ErrorCode,
  'superseded' | 'rule-changed' | 'expired' | 'retention' | 'subscription-gone'
>;

/** The order of the first attempt for a fact, or for the facts of a batch, under a rule. */
export function orderOf(rule: Rule, ...matched: readonly MatchedFact[]): RunOrder {
  const facts = matched.map(({ fact }) => fact);
  const identified = matched.map(({ fact, expiresAt }) => ({
    ...fact,
    ...(expiresAt !== undefined && { expiresAt }),
  }));
  return {
    runId: runIdOf(rule, identified),
    attempt: 1,
    subscription: rule.subscription,
    plugin: rule.plugin,
    group: rule.group,
    revision: rule.revision,
    source: partSourceOf(rule.subscription, facts),
    facts,
    retry: rule.retry,
  };
}

/** The order that makes what is left of a part again under a rule. It is the same order as long as the same is left. */
export function remakingOrder(rule: Rule, { source, generation, facts, reason }: LeftPart): RunOrder {
  return {
    ...orderOf(rule, ...facts.map((fact) => ({ fact, version: 1 }))),
    runId: runIdOfPiece(`${source} ${generation} ${rule.revision}`, facts),
    remakes: { source, generation, reason },
  };
}

/** The order of the attempt after this one: the same run, nothing else changes. */
export function nextAttempt(order: RunOrder): RunOrder {
  return { ...order, attempt: order.attempt + 1 };
}

/** The record that sends an order on its way. */
export function plannedRecord(order: RunOrder, nowMs: number): RunRecord {
  return { type: 'planned', at: formatTime(nowMs), ...order };
}

/** The record that nothing is executed for an order. Its attempt is the one that is not made. */
export function skippedRecord(order: RunOrder, code: SkipCode, message: string, nowMs: number): RunRecord {
  return { type: 'ended', at: formatTime(nowMs), order, outcome: 'skipped', error: { code, message } };
}
