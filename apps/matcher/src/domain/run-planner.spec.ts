import { describe, expect, it } from '@jest/globals';
import { accepted, aMatch, aRule, ended, NOON, rejected, started } from './given.fixture.js';
import { aPlanner, LATE, match, plan, planOne, seqsOf } from './planner-given.fixture.js';
import { plannedRecord } from './run-order.js';

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

  it.each(['plugin', 'subscription'] as const)(
    'S11 plans nothing while the %s is suspended, uses no attempt, and catches up afterwards',
    (suspended) => {
      const planner = aPlanner(aRule());
      match(planner, aMatch(1));
      const failed = planOne(planner);
      planner.applyRun(ended(failed, 'failed'));
      planner.setRule(aRule({ suspended }));
      match(planner, aMatch(2, 'y'));
      expect(plan(planner, NOON + 60_000)).toEqual([]);
      expect(planner.nextDueMs()).toBeUndefined();
      expect(planner.waitingFor('claims')).toBe(2);
      const isPending = (seq: number, about: string) =>
        planner.isPending('claims', 'edge', aMatch(seq, about).fact);
      expect([isPending(1, 'x'), isPending(2, 'y'), isPending(1, 'y')]).toEqual([false, true, false]);
      planner.setRule(aRule());
      const orders = plan(planner, NOON + 60_000);
      expect(orders).toMatchObject([
        { runId: failed.runId, attempt: 2 },
        { revision: 3, facts: [{ seq: 2 }] },
      ]);
    },
  );

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

  it('is not replaced by an older one that is read late', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(4));
    expect(match(planner, aMatch(2))).toEqual([]);
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

  it('S23 does not take a plan of the old rule for one of the new', () => {
    const planner = aPlanner(aRule({ revision: 3 }));
    match(planner, aMatch(1));
    const onTheWay = planner.decidePlans(NOON);
    planner.setRule(aRule({ revision: 4 }));
    match(planner, aMatch(1));
    for (const record of onTheWay) planner.applyRun(record);
    expect([planner.inFlight(), planner.pendingCount()]).toEqual([1, 1]);
  });

  it('S23 skips what waited for its run and does not match the changed rule', () => {
    const planner = aPlanner(aRule({ revision: 3, concurrency: 1 }));
    for (const [seq, about] of ['busy', 'stays', 'goes'].entries()) match(planner, aMatch(seq + 1, about));
    const busy = planOne(planner);
    const changed = aRule({ revision: 4, concurrency: 1 });
    planner.setRule(changed);
    match(planner, aMatch(2, 'stays'));
    const skipped = planner.decideOutdated(changed, NOON);
    expect(skipped).toMatchObject([
      { type: 'ended', outcome: 'skipped', order: { facts: [{ seq: 3 }] }, error: { code: 'rule-changed' } },
    ]);
    for (const record of skipped) planner.applyRun(record);
    expect(planner.decideOutdated(changed, NOON)).toEqual([]);
    planner.applyPart(accepted(busy));
    expect(seqsOf(plan(planner))).toEqual([2]);
    expect(planner.pendingCount()).toBe(0);
  });

  it('S23 skips what still waits in a group that the rule has left', () => {
    const planner = aPlanner(aRule({ revision: 3, pluginExists: false }));
    match(planner, aMatch(1));
    const moved = aRule({ revision: 4, group: 'core' });
    planner.setRule(moved);
    const skipped = planner.decideOutdated(moved, NOON);
    expect(skipped).toMatchObject([{ order: { group: 'edge' }, error: { code: 'rule-changed' } }]);
    for (const record of skipped) planner.applyRun(record);
    expect(planner.pendingCount()).toBe(0);
  });

  it('S23 plans what the changed rule skipped when a still later one matches it again', () => {
    const planner = aPlanner(aRule({ revision: 3, concurrency: 1 }));
    match(planner, aMatch(1, 'busy'));
    const busy = planOne(planner);
    match(planner, aMatch(2));
    for (const revision of [4, 5]) {
      const changed = aRule({ revision, concurrency: 1 });
      planner.setRule(changed);
      if (revision === 5) match(planner, aMatch(2));
      for (const record of planner.decideOutdated(changed, NOON)) planner.applyRun(record);
    }
    planner.applyPart(accepted(busy));
    expect(planOne(planner)).toMatchObject({ revision: 5, facts: [{ seq: 2 }] });
  });
});
