import { describe, expect, it } from '@jest/globals';
import { lineageOf } from '@signalbox/contracts';
import { accepted, aMatch, aRule, ended, NOON } from './given.fixture.js';
import { aPlanner, LATE, match, plan, planOne, seqsOf } from './planner-given.fixture.js';
import type { PendingKey } from './pending-ledger.js';
import type { RunPlanner } from './run-planner.js';

function keyOf(about: string): PendingKey {
  const { origin, factKey } = aMatch(1, about).fact;
  return { subscription: 'claims', group: 'edge', lineage: lineageOf(origin, factKey) };
}

/** The newest fact of the lineage does not match; gives what is recorded, folded. */
function unmatched(planner: RunPlanner, seq: number): string[] {
  const records = planner.overtake(keyOf('x'), { id: `f${seq}`, seq, reason: 'it does not match' }, NOON);
  for (const record of records) planner.applyRun(record);
  return records.flatMap((record) =>
    record.type === 'ended' ? [`${record.order.facts[0]?.seq} ${record.outcome} ${record.error?.code}`] : [],
  );
}

describe('RunPlanner: a newer fact of a lineage does not match', () => {
  it('skips an older one that is pending', () => {
    const planner = aPlanner(aRule({ concurrency: 1 }));
    match(planner, aMatch(1, 'other'));
    planOne(planner);
    match(planner, aMatch(2));
    expect(unmatched(planner, 3)).toEqual(['2 skipped superseded']);
    expect([planner.pendingCount(), planner.inFlight()]).toEqual([0, 1]);
  });

  it('leaves a newer one alone, and knows no lineage that has nothing', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(3));
    expect(unmatched(planner, 2)).toEqual([]);
    expect(seqsOf(plan(planner))).toEqual([3]);
    const by = { id: 'f9', seq: 9, reason: 'it does not match' };
    expect(planner.overtake(keyOf('unknown'), by, NOON)).toEqual([]);
  });

  it('says of a part whose run was in work that a later fact overtook it', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const order = planOne(planner);
    expect(unmatched(planner, 2)).toEqual([]);
    planner.applyRun(ended(order, 'proposed'));
    expect(planner.applyPart(accepted(order)).map(({ seq }) => seq)).toEqual([2]);
    match(planner, aMatch(4));
    expect(planner.applyPart(accepted(planOne(planner)))).toEqual([]);
  });

  it('and not when a still later one matches again: its run renews the part', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const order = planOne(planner);
    unmatched(planner, 2);
    match(planner, aMatch(3));
    planner.applyRun(ended(order, 'proposed'));
    expect(planner.applyPart(accepted(order))).toEqual([]);
    expect(seqsOf(plan(planner))).toEqual([3]);
  });

  it('makes no further attempt of a run that failed', () => {
    const planner = aPlanner(aRule());
    match(planner, aMatch(1));
    const order = planOne(planner);
    unmatched(planner, 2);
    planner.applyRun(ended(order, 'failed'));
    expect(plan(planner, LATE)).toEqual([]);
    expect([planner.inFlight(), planner.nextDueMs()]).toEqual([0, undefined]);
  });
});
