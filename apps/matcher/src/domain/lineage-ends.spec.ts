import { describe, expect, it } from '@jest/globals';
import type { RunFact, RunRecord } from '@signalbox/contracts';
import { accepted, aMatch, aRule, ended, NOON } from './given.fixture.js';
import { LineageEnds } from './lineage-ends.js';
import { LATE, match, plan, planOne } from './planner-given.fixture.js';
import type { Retraction } from './retractions.js';
import { RunPlanner } from './run-planner.js';
import { StandingParts } from './standing-parts.js';
import type { Rule } from './rule.js';

const GRACE_MS = 5000;
const DUE = NOON + GRACE_MS;

/** A planner, parts and their ends under a rule that retracts. */
class Given {
  readonly planner = new RunPlanner({ pending: [], runs: [] });
  readonly standing = new StandingParts();
  readonly ends = new LineageEnds(this.planner, this.standing);
  readonly rule: Rule;

  constructor(change: Partial<Rule> = {}) {
    this.rule = aRule({ retract: { types: ['gone'], graceMs: GRACE_MS }, ...change });
    this.planner.setRule(this.rule);
    this.standing.retracts('claims');
  }

  retract(seq: number, about = 'x', change: Partial<RunFact> = {}): void {
    const fact = { ...aMatch(seq, about).fact, factKey: `about:gone ${about}`, ...change };
    const retraction: Retraction = { type: 'gone', fact, acceptedMs: NOON };
    this.ends.retractions.add('edge', retraction);
    this.ends.retract(this.rule, retraction);
  }

  /** What is due by then, folded. */
  due(nowMs = DUE): string[] {
    const records = this.ends.decideDue(nowMs);
    for (const record of records) this.planner.applyRun(record);
    return records.map(textOf);
  }

  accept(...seqs: number[]): void {
    for (const seq of seqs) match(this.planner, aMatch(seq, `x${seq}`));
    for (const order of plan(this.planner)) {
      this.planner.applyRun(ended(order, 'proposed'));
      this.take(accepted(order));
    }
  }

  take(record: ReturnType<typeof accepted>): void {
    this.standing.fold(record);
    this.planner.applyPart(record);
  }
}

function textOf(record: RunRecord): string {
  if (record.type === 'withdrawn') return `withdrawn: ${record.reason}`;
  if (record.type !== 'ended') return record.type;
  return `${record.order.facts[0]?.id} ${record.outcome} ${record.error?.code}: ${record.error?.message}`;
}

describe('E16 what ends after a grace', () => {
  it('is withdrawn when it stands', () => {
    const given = new Given();
    given.accept(1, 2);
    given.retract(3, 'x2');
    expect([given.due(DUE - 1), given.ends.pending.nextMs]).toEqual([[], DUE]);
    expect(given.due()).toEqual(['withdrawn: fact f3 (gone) retracted it']);
    expect(given.due(LATE)).toEqual([]);
  });

  it('is skipped when it waits, and nothing of it runs', () => {
    const given = new Given({ suspended: 'plugin' });
    match(given.planner, aMatch(1));
    given.retract(2);
    expect(given.due()).toEqual(['f1 skipped superseded: fact f2 (gone) retracted it']);
    expect(given.planner.pendingCount()).toBe(0);
  });

  it('is tried no more when its run failed', () => {
    const given = new Given();
    match(given.planner, aMatch(1));
    const order = planOne(given.planner);
    given.retract(2);
    expect(given.due()).toEqual([]);
    given.planner.applyRun(ended(order, 'failed'));
    const records = given.planner.decidePlans(LATE);
    expect(records.map(textOf)).toEqual(['f1 skipped superseded: fact f2 (gone) retracted it']);
  });

  it('is told when the run that was in work over the end of the grace is accepted', () => {
    const given = new Given();
    match(given.planner, aMatch(1));
    const order = planOne(given.planner);
    given.retract(2);
    given.due();
    given.planner.applyRun(ended(order, 'proposed'));
    const part = accepted(order);
    given.standing.fold(part);
    expect(given.planner.applyPart(part)).toMatchObject([{ reason: 'fact f2 (gone) retracted it' }]);
  });

  it.each<[string, string, Partial<RunFact>]>([
    ['subject', 'other', {}],
    ['origin', 'x', { origin: 'cloud' }],
  ])('is only of the same %s', (_what, about, change) => {
    const given = new Given();
    match(given.planner, aMatch(1));
    given.retract(2, about, change);
    expect(given.ends.pending.size).toBe(0);
  });

  it('is found by what is about it also when the rule began to retract later', () => {
    const given = new Given({ suspended: 'plugin' });
    const { retract, ...without } = given.rule;
    given.planner.setRule(without);
    match(given.planner, aMatch(1));
    given.planner.setRule({ ...without, ...(retract && { retract }) });
    given.retract(2);
    expect(given.ends.pending.size).toBe(1);
  });

  it('is remembered as long as the fact that retracted is kept', () => {
    const given = new Given();
    given.retract(2);
    expect(given.ends.isTakenBack(given.rule, aMatch(1))).toBe(true);
    expect(given.ends.isTakenBack(given.rule, aMatch(3))).toBe(false);
    given.ends.retractions.retire('edge', 1);
    expect(given.ends.isTakenBack(given.rule, aMatch(1))).toBe(true);
    given.ends.retractions.retire('edge', 2);
    expect(given.ends.isTakenBack(given.rule, aMatch(1))).toBe(false);
  });

  it('is written again when it could not be written', () => {
    const given = new Given();
    given.accept(1);
    given.retract(2, 'x1');
    expect([given.ends.pending.take().put.length, given.ends.pending.take().put.length]).toEqual([1, 1]);
    given.ends.pending.confirm();
    expect(given.ends.pending.take()).toEqual({ put: [], gone: [] });
    given.due();
    expect(given.ends.pending.take()).toMatchObject({ put: [], gone: [{ subscription: 'claims' }] });
  });
});
