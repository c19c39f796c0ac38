import type { RunOrder, RunRecord } from '@signalbox/contracts';
import { NOON, ordersOf } from './given.fixture.js';
import type { MatchedFact } from './run-order.js';
import { RunPlanner } from './run-planner.js';
import type { Rule } from './rule.js';

/** What the tests of the planner do again and again. */

/** Later than any retry of an attempt that ended at noon. */
export const LATE = NOON + 3_600_000;

export function aPlanner(...rules: Rule[]): RunPlanner {
  const planner = new RunPlanner({ pending: [], runs: [] });
  for (const rule of rules) planner.setRule(rule);
  return planner;
}

export function match(planner: RunPlanner, fact: MatchedFact, subscription = 'claims'): RunRecord[] {
  return planner.matched(subscription, 'edge', fact, NOON);
}

/** Decides and folds, as the service does; gives the planned orders. */
export function plan(planner: RunPlanner, nowMs = NOON): RunOrder[] {
  const records = planner.decidePlans(nowMs);
  for (const record of records) planner.applyRun(record);
  return ordersOf(records);
}

export function planOne(planner: RunPlanner, nowMs = NOON): RunOrder {
  const [order, ...others] = plan(planner, nowMs);
  if (!order || others.length > 0) throw new Error(`one plan expected, got ${order ? others.length + 1 : 0}`);
  return order;
}

export function seqsOf(orders: readonly RunOrder[]): (number | undefined)[] {
  return orders.map((order) => order.facts[0]?.seq);
}
