import {
  compareFacts,
  type Fact,
  factKey,
  lineageOf,
  orderOfPlanned,
  type RunFact,
  type RunOrder,
  type RunRecord,
} from '@signalbox/contracts';
import { decideMatch, type MatchDecision } from './match-rule.js';
import type { Rule } from './rule.js';
import type { MatchedFact } from './run-order.js';
import { RunPlanner } from './run-planner.js';

/** What a rule makes of some facts. */
export interface FactsTried {
  /** In the order of the facts. */
  readonly decisions: readonly MatchDecision[];
  /** First attempts, as they would be planned; the sequence of a fact is its place, counted from 1. */
  readonly orders: readonly RunOrder[];
}

/**
 * What a rule would make of facts that come now, one after the other, if no others had come: the production match and the production
 * planner. Windows do not wait, and all places are free.
 */
export function tryFacts(rule: Rule, facts: readonly Fact[], nowMs: number): FactsTried {
  const planner = new RunPlanner({ pending: [], runs: [] });
  planner.setRule({ ...rule, concurrency: facts.length });
  const newest = new Map<string, Fact>();
  const decisions = facts.map((fact, index) => {
    const runFact = runFactOf(fact, index + 1);
    const lineage = lineageOf(runFact.origin, runFact.factKey);
    const older = newest.get(lineage);
    const current = older === undefined || compareFacts(older, fact) < 0;
    if (current) newest.set(lineage, fact);
    const decision = decideMatch(rule, fact, { current, nowMs });
    const matched = { fact: runFact, version: 1, ...(fact.expiresAt && { expiresAt: fact.expiresAt }) };
    const decided = { matched, decision, current };
    for (const record of recordsOfDecision(planner, rule, decided, nowMs)) planner.applyRun(record);
    return decision;
  });
  return { decisions, orders: planned(planner, nowMs) };
}

/** A decision about a fact. `current`: it is the newest of its lineage. */
export interface DecidedFact {
  readonly matched: MatchedFact;
  readonly decision: MatchDecision;
  readonly current: boolean;
}

/** What follows from a decision where nothing lasts as long as a grace: the newest of a lineage that does not match ends the older ones. */
export function recordsOfDecision(
  planner: RunPlanner,
  { subscription, group, retract }: Rule,
  { matched, decision, current }: DecidedFact,
  nowMs: number,
): RunRecord[] {
  if (decision.matched) return planner.matched(subscription, group, matched, nowMs);
  if (retract || !current) return [];
  const { id, seq, origin, factKey: about } = matched.fact;
  const by = { id, seq, reason: `fact ${id} of the same lineage does not match: ${decision.message}` };
  return planner.overtake({ subscription, group, lineage: lineageOf(origin, about) }, by, nowMs);
}

function planned(planner: RunPlanner, startMs: number): RunOrder[] {
  const orders: RunOrder[] = [];
  for (let nowMs = startMs; ;) {
    const records = planner.decidePlans(nowMs);
    for (const record of records) {
      planner.applyRun(record);
      if (record.type === 'planned' && record.trigger === undefined) orders.push(orderOfPlanned(record));
    }
    if (records.length > 0) continue;
    const dueMs = planner.nextDueMs();
    if (dueMs === undefined || dueMs <= nowMs) return orders;
    nowMs = dueMs;
  }
}

function runFactOf(fact: Fact, seq: number): RunFact {
  return { seq, id: fact.id, origin: fact.sourceNode, factKey: factKey(fact), subject: fact.subject };
}
