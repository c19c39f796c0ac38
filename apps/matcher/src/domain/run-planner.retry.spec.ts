import { describe, expect, it } from '@jest/globals';
import { lineageOf, retryDelayMs } from '@signalbox/contracts';
import { accepted, aMatch, aRule, ended, NOON, ordersOf, rejected, started } from './given.fixture.js';
import { aPlanner, LATE, match, plan, planOne, seqsOf } from './planner-given.fixture.js';
import { nextAttempt, plannedRecord } from './run-order.js';
import { RunPlanner } from './run-planner.js';

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
  const row = { subscription: 'claims', group: 'edge', lineage, revision: 3 };

  it('goes on from a snapshot: a run in flight, its retry, and what came meanwhile', () => {
    const planner = new RunPlanner({
      pending: [{ ...row, matched: aMatch(2) }],
      runs: [{ order, state: 'retrying', retryAtMs: NOON + 5 }],
    });
    expect([planner.inFlight(), planner.pendingCount(), planner.nextDueMs()]).toEqual([1, 1, undefined]);
    planner.setRule(aRule());
    expect(planner.nextDueMs()).toBe(NOON + 5);
    expect(plan(planner, NOON)).toEqual([]);
    expect(seqsOf(plan(planner, NOON + 5))).toEqual([2]);
  });

  it('S23 remembers that the fact of a run in flight was decided again under a changed rule', () => {
    const again = { ...row, matched: aMatch(1), revision: 4 };
    const planner = new RunPlanner({ pending: [again], runs: [{ order, state: 'proposed' }] });
    planner.setRule(aRule({ revision: 4 }));
    planner.applyPart(accepted(order));
    expect(planOne(planner)).toMatchObject({ revision: 4, facts: [{ seq: 1 }] });
  });

  it('has nothing pending of a fact whose run is in flight, and says so of the row', () => {
    const pending = { ...row, revision: order.revision, matched: aMatch(1) };
    const planner = new RunPlanner({ pending: [pending], runs: [{ order, state: 'proposed' }] });
    expect(planner.pendingCount()).toBe(0);
    expect(planner.ledger.take()).toEqual({
      put: [],
      gone: [{ subscription: 'claims', group: 'edge', lineage }],
    });
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
