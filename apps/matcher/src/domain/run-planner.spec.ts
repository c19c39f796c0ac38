import { describe, expect, it } from '@jest/globals';
import { lineageOf, type RunOrder, type RunRecord } from '@signalbox/contracts';
import { retryDelayMs } from './back-off.js';
import { accepted, aMatch, aRule, ended, NOON, ordersOf, rejected, started } from './given.js';
import { nextAttempt, plannedRecord, type MatchedFact } from './run-order.js';
import { RunPlanner } from './run-planner.js';
import type { Rule } from './rule.js';

const LATE = NOON + 3_600_000;

function aPlanner(...rules: Rule[]): RunPlanner {
  const planner = new RunPlanner({ lineages: [], runs: [] });
  for (const rule of rules) planner.setRule(rule);
  return planner;
}

function match(planner: RunPlanner, fact: MatchedFact, subscription = 'claims'): RunRecord[] {
  return planner.matched(subscription, 'edge', fact, NOON);
}

/** Decides and folds, as the service does; gives the planned orders. */
function plan(planner: RunPlanner, nowMs = NOON): RunOrder[] {
  const records = planner.decidePlans(nowMs);
  for (const record of records) planner.applyRun(record);
  return ordersOf(records);
}

function planOne(planner: RunPlanner, nowMs = NOON): RunOrder {
  const [order, ...others] = plan(planner, nowMs);
  expect(others).toEqual([]);
  return order!;
}

const seqsOf = (orders: RunOrder[]) => orders.map((order) => order.facts[0]?.seq);

describe('RunPlanner: first attempts', () => {
  it('S1 plans a matched fact once; the lineage is free and forgotten when the part is accepted', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(7));
    const order = planOne(planner);
    expect(order).toMatchObject({ attempt: 1, subscription: 'claims', plugin: 'to-claim', revision: 3 });
    expect(order.source).toMatch(/^EventSubscription\/claims\/[0-9a-f]{16}$/);
    planner.applyRun(started(order));
    planner.applyRun(ended(order, 'proposed'));
    expect([planner.inFlight(), planner.pendingCount()]).toEqual([1, 0]);
    planner.applyPart(accepted(order));
    expect([planner.inFlight(), planner.pendingCount()]).toEqual([0, 0]);
    expect(plan(planner, LATE)).toEqual([]);
  });

  it('S2 plans nothing when the same fact is read again before, while and after it is planned', () => {
    const planner = aPlanner(aRule());
    expect(match(planner, aMatch(7))).toEqual([]);
    expect(match(planner, aMatch(7))).toEqual([]);
    const order = planOne(planner);
    match(planner, aMatch(7));
    expect(plan(planner)).toEqual([]);
    planner.applyRun(ended(order, 'proposed'));
    planner.applyPart(accepted(order));
    planner.applyRun(plannedRecord(order, NOON));
    expect(planner.inFlight()).toBe(0);
  });

  it('runs a fact whose id is new again after its first record was pruned', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(7));
    const before = planOne(planner);
    planner.applyPart(accepted(before));
    const again = aMatch(7);
    match(planner, { ...again, fact: { ...again.fact, seq: 20 } });
    expect(planOne(planner).runId).toBe(before.runId);
    expect([planner.inFlight(), planner.pendingCount()]).toEqual([1, 0]);
  });

  it('S4 skips a fact that expired while it was pending', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(7, 'x', '2026-05-30T12:00:00Z'));
    const records = planner.decidePlans(NOON + 1);
    expect(records).toMatchObject([{ type: 'ended', outcome: 'skipped', error: { code: 'expired' } }]);
    for (const record of records) planner.applyRun(record);
    expect(planner.pendingCount()).toBe(0);
    expect(planner.decidePlans(LATE)).toEqual([]);
  });

  it('S6 runs two lineages side by side and each in its own place', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1, 'x'));
    match(planner, aMatch(2, 'y'));
    const orders = plan(planner);
    expect(seqsOf(orders)).toEqual([1, 2]);
    expect(orders[0]?.source).not.toBe(orders[1]?.source);
  });

  it('keeps the order of arrival and the concurrency of the subscription', () => {
    const planner = aPlanner(aRule({ concurrency: 2 }));
    for (const seq of [1, 2, 3, 4]) match(planner, aMatch(seq, `lineage-${9 - seq}`));
    const [first, second] = plan(planner);
    expect(seqsOf([first!, second!])).toEqual([1, 2]);
    expect(plan(planner)).toEqual([]);
    planner.applyPart(rejected(second!));
    expect(seqsOf(plan(planner))).toEqual([3]);
    planner.setRule(aRule({ concurrency: 3 }));
    expect(seqsOf(plan(planner))).toEqual([4]);
  });

  it('S24 does not let a hanging plugin delay another subscription', () => {
    const planner = aPlanner(aRule({ subscription: 'a', concurrency: 1 }), aRule({ subscription: 'b' }));
    match(planner, aMatch(1, 'x'), 'a');
    planner.applyRun(started(planOne(planner)));
    match(planner, aMatch(2, 'y'), 'a');
    match(planner, aMatch(2, 'y'), 'b');
    expect(plan(planner, LATE).map((order) => order.subscription)).toEqual(['b']);
  });

  it('plans nothing while the plugin or the rule is missing, and catches up afterwards', () => {
    const planner = aPlanner(aRule({ pluginExists: false }));
    match(planner, aMatch(1));
    expect(plan(planner)).toEqual([]);
    planner.removeRule('claims');
    expect(plan(planner)).toEqual([]);
    planner.setRule(aRule({ revision: 8 }));
    expect(planOne(planner).revision).toBe(8);
  });

  it('answers at most `limit` records', () => {
    const planner = aPlanner(aRule({ concurrency: 10 }));
    for (const seq of [1, 2, 3]) match(planner, aMatch(seq, `${seq}`));
    expect(planner.decidePlans(NOON, 2)).toHaveLength(2);
  });
});

describe('RunPlanner: a newer fact of a lineage', () => {
  it('skips what is still unplanned and keeps its turn', () => {
    const planner = aPlanner(aRule({ concurrency: 1 }));
    match(planner, aMatch(1, 'busy'));
    const busy = planOne(planner);
    match(planner, aMatch(2, 'x'));
    match(planner, aMatch(3, 'y'));
    const skipped = match(planner, aMatch(4, 'x'));
    expect(skipped).toMatchObject([
      { type: 'ended', outcome: 'skipped', order: { facts: [{ seq: 2 }] }, error: { code: 'superseded' } },
    ]);
    for (const record of skipped) planner.applyRun(record);
    expect(match(planner, aMatch(2, 'x'))).toEqual([]);
    planner.applyPart(rejected(busy));
    expect(seqsOf(plan(planner))).toEqual([4]);
  });

  it('keeps its turn also when it was pending behind a run', () => {
    const planner = aPlanner(aRule({ concurrency: 1 }));
    match(planner, aMatch(1, 'x'));
    const first = planOne(planner);
    match(planner, aMatch(2, 'x'));
    match(planner, aMatch(3, 'y'));
    match(planner, aMatch(4, 'x'));
    planner.applyPart(accepted(first));
    expect(seqsOf(plan(planner))).toEqual([4]);
  });

  it('waits for the run in flight', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const first = planOne(planner);
    match(planner, aMatch(2));
    planner.applyRun(ended(first, 'proposed'));
    expect(plan(planner, LATE)).toEqual([]);
    planner.applyPart(accepted(first));
    expect(seqsOf(plan(planner))).toEqual([2]);
  });

  it('takes the place of a run that waits for its retry, when that is due', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const first = planOne(planner);
    planner.applyRun(ended(first, 'failed'));
    match(planner, aMatch(2));
    expect(plan(planner)).toEqual([]);
    const records = planner.decidePlans(LATE);
    expect(records).toMatchObject([
      {
        type: 'ended',
        outcome: 'skipped',
        order: { runId: first.runId, attempt: 2 },
        error: { code: 'superseded' },
      },
      { type: 'planned', attempt: 1, facts: [{ seq: 2 }] },
    ]);
    for (const record of records) planner.applyRun(record);
    expect([planner.inFlight(), planner.pendingCount(), planner.nextDueMs()]).toEqual([1, 0, undefined]);
  });

  it('S23 runs the same fact again after it was decided again under a changed rule', () => {
    const planner = aPlanner(aRule({ revision: 3 }));
    match(planner, aMatch(1));
    const before = planOne(planner);
    planner.setRule(aRule({ revision: 4 }));
    match(planner, aMatch(1));
    planner.applyRun(ended(before, 'proposed'));
    planner.applyPart(accepted(before));
    const after = planOne(planner);
    expect(after).toMatchObject({ attempt: 1, revision: 4, source: before.source });
    expect(after.runId).not.toBe(before.runId);
  });
});

describe('RunPlanner: failed attempts', () => {
  it('S5 tries again up to the cap, then reports the final failure and frees the lineage', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    let order = planOne(planner);
    for (const attempt of [1, 2]) {
      expect(planner.applyRun(ended(order, 'failed'))).toBeUndefined();
      const dueMs = NOON + retryDelayMs(order.retry, order.runId, attempt);
      expect(planner.nextDueMs()).toBe(dueMs);
      expect(plan(planner, dueMs - 1)).toEqual([]);
      const next = planOne(planner, dueMs);
      expect(next).toEqual({ ...order, attempt: attempt + 1 });
      order = next;
    }
    const last = ended(order, 'failed');
    expect(planner.applyRun(last)).toEqual({ order, at: last.at, error: last.error });
    expect(planner.applyRun(last)).toBeUndefined();
    expect([planner.inFlight(), planner.nextDueMs()]).toEqual([0, undefined]);
  });

  it('S22 counts lost attempts like failed ones, with back-off', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const attempts: number[] = [];
    let failure;
    for (let nowMs = NOON; !failure; nowMs += 3_600_000) {
      const order = planOne(planner, nowMs);
      attempts.push(order.attempt);
      planner.applyRun(started(order, nowMs));
      failure = planner.applyRun(ended(order, 'lost', { at: new Date(nowMs).toISOString() }));
      expect(plan(planner, nowMs)).toEqual([]);
    }
    expect(attempts).toEqual([1, 2, 3]);
    expect(failure.error.code).toBe('run-lost');
  });

  it('gives up at once on an error that stays', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const error = { code: 'plugin-untrusted', message: 'not trusted' } as const;
    expect(planner.applyRun(ended(planOne(planner), 'failed', { error }))?.error).toBe(error);
    expect(plan(planner, LATE)).toEqual([]);
  });

  it('does not try a rejected part again', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const order = planOne(planner);
    planner.applyRun(ended(order, 'proposed'));
    planner.applyPart(rejected(order));
    expect(planner.inFlight()).toBe(0);
    expect(plan(planner, LATE)).toEqual([]);
  });

  it('takes the first end of an attempt only', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const order = planOne(planner);
    planner.applyRun(ended(order, 'proposed'));
    expect(planner.applyRun(ended(order, 'lost'))).toBeUndefined();
    expect([planner.inFlight(), planner.nextDueMs()]).toEqual([1, undefined]);
  });

  it('S18 takes a failed run up again, and no late word about its earlier attempt ends it', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const order = planOne(planner);
    planner.applyRun(ended(order, 'proposed'));
    planner.applyPart(rejected(order));
    planner.applyRun(plannedRecord(nextAttempt(order), NOON));
    planner.applyPart(rejected(order));
    expect(planner.inFlight()).toBe(1);
  });

  it('holds retries back while the plugin is missing', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    planner.applyRun(ended(planOne(planner), 'failed'));
    planner.setRule(aRule({ pluginExists: false }));
    expect([planner.nextDueMs(), plan(planner, LATE)]).toEqual([undefined, []]);
    planner.setRule(aRule());
    expect(planOne(planner, LATE).attempt).toBe(2);
  });

  it('skips what a deleted subscription leaves behind', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1, 'x'));
    planner.applyRun(ended(planOne(planner), 'failed'));
    match(planner, aMatch(2, 'y'));
    expect(planner.decideLeftovers(aRule(), NOON)).toEqual([]);
    planner.removeRule('claims');
    const records = planner.decideLeftovers(aRule(), NOON);
    expect(records).toMatchObject([
      { outcome: 'skipped', order: { attempt: 2 }, error: { code: 'subscription-gone' } },
      { outcome: 'skipped', order: { attempt: 1 }, error: { code: 'subscription-gone' } },
    ]);
    for (const record of records) planner.applyRun(record);
    expect([planner.inFlight(), planner.pendingCount()]).toEqual([0, 0]);
  });
});

describe('RunPlanner: start', () => {
  const order = ordersOf(
    (() => {
      const planner = aPlanner(aRule());
      match(planner, aMatch(1));
      return planner.decidePlans(NOON);
    })(),
  )[0]!;
  const lineage = lineageOf('onprem', order.facts[0]!.factKey);
  const row = { subscription: 'claims', group: 'edge', lineage, plannedSeq: 1 };

  it('goes on from a snapshot: a run in flight, its retry, and what came meanwhile', () => {
    const planner = new RunPlanner({
      lineages: [{ ...row, matched: aMatch(2), matchedSeq: 2 }],
      runs: [{ order, state: 'retrying', retryAtMs: NOON + 5 }],
    });
    expect([planner.inFlight(), planner.pendingCount(), planner.nextDueMs()]).toEqual([1, 1, undefined]);
    planner.setRule(aRule());
    expect(planner.nextDueMs()).toBe(NOON + 5);
    expect(plan(planner, NOON)).toEqual([]);
    expect(seqsOf(plan(planner, NOON + 5))).toEqual([2]);
  });

  it('S23 remembers that the fact of a run in flight was decided again under a changed rule', () => {
    const again = { ...row, matched: aMatch(1), matchedSeq: 1, plannedSeq: 0, matchedRevision: 4 };
    const planner = new RunPlanner({ lineages: [again], runs: [{ order, state: 'proposed' }] });
    planner.setRule(aRule({ revision: 4 }));
    planner.applyPart(accepted(order));
    expect(planOne(planner)).toMatchObject({ revision: 4, facts: [{ seq: 1 }] });
  });

  it('ignores a lineage with nothing pending', () => {
    const planner = new RunPlanner({ lineages: [{ ...row, matched: aMatch(1), matchedSeq: 1 }], runs: [] });
    expect(planner.pendingCount()).toBe(0);
  });

  it('does not bring back a run whose part was decided on before', () => {
    const planner = aPlanner(aRule());
    planner.applyPart(accepted(order));
    planner.applyRun(plannedRecord(order, NOON));
    expect(planner.inFlight()).toBe(0);
  });

  it('learns of a run it does not know from the record that ends its attempt', () => {
    const planner = aPlanner(aRule());
    planner.applyRun(ended(order, 'failed'));
    match(planner, aMatch(1));
    expect(planOne(planner, LATE)).toEqual({ ...order, attempt: 2 });
    const other = aPlanner(aRule());
    other.applyRun(ended(order, 'proposed'));
    match(other, aMatch(2));
    expect(plan(other, LATE)).toEqual([]);
    other.applyPart(accepted(order));
    expect(seqsOf(plan(other, LATE))).toEqual([2]);
  });
});
