import { describe, expect, it } from '@jest/globals';
import { BATCH_LIMITS, type ErrorBody, lineageOf, type RunOrder } from '@signalbox/contracts';
import fc from 'fast-check';
import { accepted, aMatch, aRule, ended, NOON, rejected } from './given.fixture.js';
import { aPlanner, LATE, match, plan, planOne } from './planner-given.fixture.js';
import type { MatchedFact } from './run-order.js';
import { RunPlanner } from './run-planner.js';

const batching = aRule({ batch: { windowMs: 80 }, concurrency: 1 });

function gathered(seq: number, about = `x${seq}`, atMs = NOON): MatchedFact {
  return { ...aMatch(seq, about), gathered: { atMs, bytes: 100 } };
}

function factsOf({ facts }: RunOrder): number[] {
  return facts.map(({ seq }) => seq);
}

describe('RunPlanner: batches', () => {
  it('S9 gathers facts for the window and runs the newest of each lineage together', () => {
    const planner = aPlanner(batching);
    match(planner, gathered(1, 'x'));
    match(planner, gathered(2, 'y', NOON + 30));
    const skipped = match(planner, gathered(3, 'x', NOON + 40));
    expect(skipped).toMatchObject([{ order: { facts: [{ seq: 1 }] }, error: { code: 'superseded' } }]);
    for (const record of skipped) planner.applyRun(record);
    expect([planner.nextDueMs(), plan(planner, NOON + 79)]).toEqual([NOON + 80, []]);
    const order = planOne(planner, NOON + 80);
    expect(factsOf(order)).toEqual([3, 2]);
    expect(planner.pendingCount()).toBe(0);
  });

  it('a lineage in flight waits for its next batch, and one run is one place', () => {
    const planner = aPlanner({ ...batching, concurrency: 2 });
    for (const seq of [1, 2]) match(planner, gathered(seq));
    const first = planOne(planner, LATE);
    match(planner, gathered(3, 'x1', LATE));
    match(planner, gathered(4, 'x4', LATE));
    expect(factsOf(planOne(planner, LATE + 80))).toEqual([4]);
    match(planner, gathered(5, 'x5', LATE));
    expect(plan(planner, LATE + 80)).toEqual([]);
    planner.applyPart(accepted(first));
    expect(factsOf(planOne(planner, LATE + 80))).toEqual([3, 5]);
  });

  it('what a full batch leaves waits for its own window', () => {
    const planner = aPlanner({ ...batching, concurrency: 4 });
    for (let seq = 1; seq <= BATCH_LIMITS.facts; seq += 1) match(planner, gathered(seq));
    match(planner, gathered(BATCH_LIMITS.facts + 1, 'last', NOON + 10));
    expect(planOne(planner).facts).toHaveLength(BATCH_LIMITS.facts);
    expect([planner.nextDueMs(), planner.pendingCount()]).toEqual([NOON + 90, 1]);
  });

  it('S10 goes on with a window after a start, neither later nor earlier', () => {
    const planner = aPlanner(batching);
    match(planner, gathered(1, 'x'));
    match(planner, gathered(2, 'x', NOON + 30));
    const again = new RunPlanner({ pending: planner.ledger.take().put, runs: [] });
    again.setRule(batching);
    again.setClock(NOON + 50);
    expect([again.nextDueMs(), plan(again, NOON + 79)]).toEqual([NOON + 80, []]);
    expect(factsOf(planOne(again, NOON + 80))).toEqual([2]);
  });

  it('S10 executes nothing of a window whose rule changed or went', () => {
    const planner = aPlanner(batching);
    for (const seq of [1, 2]) match(planner, gathered(seq));
    const changed = { ...batching, revision: 4 };
    planner.setRule(changed);
    match(planner, gathered(2, 'x2', NOON + 40));
    for (const record of planner.decideOutdated(changed, NOON + 40)) planner.applyRun(record);
    expect(planner.nextDueMs()).toBe(NOON + 120);
    expect(planOne(planner, NOON + 120)).toMatchObject({ revision: 4, facts: [{ seq: 2 }] });
    match(planner, gathered(3));
    planner.removeRule('claims');
    for (const record of planner.decideLeftovers(changed, LATE)) planner.applyRun(record);
    expect([planner.nextDueMs(), planner.pendingCount(), plan(planner, LATE)]).toEqual([undefined, 0, []]);
  });

  it('a clock that is set back holds a batch for its window only', () => {
    const planner = aPlanner(batching);
    match(planner, gathered(1, 'x', LATE));
    planner.setClock(LATE);
    planner.setClock(NOON);
    expect(planner.nextDueMs()).toBe(NOON + 80);
  });

  it('retries a whole batch that broke for another reason than its facts, and reports it once when it stays', () => {
    const planner = aPlanner(batching);
    for (const seq of [1, 2]) match(planner, gathered(seq));
    let order = planOne(planner, LATE);
    for (const attempt of [2, 3]) {
      expect(planner.applyRun(ended(order, 'lost'))).toBeUndefined();
      order = planOne(planner, LATE);
      expect(order).toMatchObject({ attempt, facts: [{ seq: 1 }, { seq: 2 }] });
    }
    expect(planner.applyRun(ended(order, 'lost'))?.error.code).toBe('run-lost');
    expect([plan(planner, LATE), planner.inFlight()]).toEqual([[], 0]);
  });
});

const FAULTS = ['ended', 'rejected'] as const;

/** A plugin that fails whenever it gets a bad fact, and a renderer; all by the public methods of one planner after the other. */
class Plugin {
  readonly runs: RunOrder[] = [];
  readonly applied = new Set<number>();
  readonly failedAlone = new Set<number>();

  constructor(
    private readonly bad: ReadonlySet<number>,
    private readonly fault: (typeof FAULTS)[number],
  ) {}

  /** Executes an attempt to its end. */
  execute(planner: RunPlanner, order: RunOrder): void {
    this.runs.push(order);
    const seqs = factsOf(order);
    if (!seqs.some((seq) => this.bad.has(seq))) {
      planner.applyRun(ended(order, 'proposed'));
      planner.applyPart(accepted(order));
      for (const seq of seqs) this.applied.add(seq);
      return;
    }
    if (this.fault === 'ended') planner.applyRun(ended(order, 'failed'));
    else {
      planner.applyRun(ended(order, 'proposed'));
      planner.applyPart(rejected(order));
    }
    if (seqs.length === 1) this.failedAlone.add(seqs[0]!);
  }
}

/** Runs a batch of facts 1 to `facts` to its end. */
function runBatch(facts: number, bad: ReadonlySet<number>, fault: (typeof FAULTS)[number]): Plugin {
  const planner = aPlanner(batching);
  const plugin = new Plugin(bad, fault);
  for (let seq = 1; seq <= facts; seq += 1) match(planner, gathered(seq));
  for (let nowMs = LATE; ; nowMs += 3_600_000) {
    const orders = plan(planner, nowMs);
    expect(orders.length).toBeLessThanOrEqual(batching.concurrency);
    if (orders.length === 0) break;
    for (const order of orders) plugin.execute(planner, order);
  }
  expect([planner.inFlight(), planner.pendingCount(), planner.isGoingOn]).toEqual([0, 0, false]);
  return plugin;
}

describe('RunPlanner: a batch that fails', () => {
  it('S19 of 10 facts with 1 bad 9 are applied and 1 fails alone', () => {
    const { applied, failedAlone } = runBatch(10, new Set([7]), 'ended');
    expect([...applied].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10]);
    expect([...failedAlone]).toEqual([7]);
  });

  it('S19 1 bad fact of 1,024 costs the attempts of the batch and at most two runs for each halving', () => {
    for (const bad of [1, 512, 513, 1024]) {
      const { runs, failedAlone } = runBatch(1024, new Set([bad]), 'ended');
      expect(runs.length).toBeLessThanOrEqual(batching.retry.maxAttempts + 2 * Math.log2(1024));
      expect([...failedAlone]).toEqual([bad]);
    }
  });

  it('S19 isolates exactly the bad facts, whichever they are and whoever refuses them, one run at a time', () => {
    const bad = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), bad, fc.constantFrom(...FAULTS), (facts, seqs, fault) => {
        const inBatch = seqs.filter((seq) => seq <= facts);
        const { applied, failedAlone, runs } = runBatch(facts, new Set(inBatch), fault);
        expect(new Set([...failedAlone])).toEqual(new Set(inBatch));
        expect(applied.size + failedAlone.size).toBe(facts);
        expect(runs.length).toBeLessThanOrEqual(batching.retry.maxAttempts + 2 * (facts - 1));
        expect(new Set(runs.map(({ runId, attempt }) => `${runId} ${attempt}`)).size).toBe(runs.length);
      }),
      { numRuns: 60 },
    );
  });

  it('S19 a piece that broke for another reason than its facts is run again, and then is halved as before', () => {
    const planner = aPlanner({ ...batching, retry: { ...batching.retry, maxAttempts: 2 } });
    for (const seq of [1, 2, 3, 4]) match(planner, gathered(seq));
    planner.applyRun(ended(planOne(planner, LATE), 'failed'));
    planner.applyRun(ended(planOne(planner, LATE), 'failed'));
    const half = planOne(planner, LATE);
    expect([factsOf(half), half.halving?.rest.map((piece) => piece.map(({ seq }) => seq))]).toEqual([
      [1, 2],
      [[3, 4]],
    ]);
    planner.applyRun(ended(half, 'lost'));
    const again = planOne(planner, LATE);
    expect([again.runId, again.attempt]).toEqual([half.runId, 2]);
    planner.applyRun(ended(again, 'failed'));
    expect(factsOf(planOne(planner, LATE))).toEqual([1]);
  });

  it('S19 leaves a fact out of its piece when a later one of its lineage came', () => {
    const planner = aPlanner(aRule({ ...batching, retry: { ...batching.retry, maxAttempts: 1 } }));
    for (const seq of [1, 2, 3]) match(planner, gathered(seq));
    const order = planOne(planner, LATE);
    match(planner, gathered(4, 'x1', LATE));
    const { origin, factKey } = gathered(5, 'x3').fact;
    const third = { subscription: 'claims', group: 'edge', lineage: lineageOf(origin, factKey) };
    planner.overtake(third, { id: 'f5', seq: 5, reason: 'it does not match' }, LATE);
    planner.applyRun(ended(order, 'failed'));
    const records = planner.decidePlans(LATE);
    expect(records).toMatchObject([
      { type: 'planned', facts: [{ seq: 2 }] },
      { type: 'ended', order: { facts: [{ seq: 1 }, { seq: 3 }] }, error: { code: 'superseded' } },
    ]);
  });

  it.each<[what: string, change: (planner: RunPlanner) => void, code: ErrorBody['code']]>([
    ['changed', (planner) => planner.setRule({ ...batching, revision: 4 }), 'rule-changed'],
    ['went', (planner) => planner.removeRule('claims'), 'subscription-gone'],
  ])('S10 S19 runs no further piece when the rule %s', (_what, change, code) => {
    const planner = aPlanner({ ...batching, retry: { ...batching.retry, maxAttempts: 1 } });
    for (const seq of [1, 2, 3]) match(planner, gathered(seq));
    planner.applyRun(ended(planOne(planner, LATE), 'failed'));
    const half = planOne(planner, LATE);
    change(planner);
    planner.applyPart(accepted(half));
    const records = planner.decidePlans(LATE);
    expect(records).toMatchObject([{ type: 'ended', order: { facts: [{ seq: 3 }] }, error: { code } }]);
    for (const record of records) planner.applyRun(record);
    expect([plan(planner, LATE), planner.inFlight()]).toEqual([[], 0]);
  });

  it('S18 a batch that an operator has run again is halved again', () => {
    const planner = aPlanner({ ...batching, retry: { ...batching.retry, maxAttempts: 1 } });
    for (const seq of [1, 2]) match(planner, gathered(seq));
    const order = planOne(planner, LATE);
    const pieces = new Set<string>();
    for (const attempt of [1, 2]) {
      planner.applyRun(ended({ ...order, attempt }, 'failed'));
      for (let n = 0; n < 2; n += 1) {
        const piece = planOne(planner, LATE);
        pieces.add(piece.runId);
        planner.applyRun(ended(piece, 'failed'));
      }
      planner.applyRun({ type: 'planned', at: '2026-05-30T12:00:00Z', ...order, attempt: attempt + 1 });
    }
    expect(pieces.size).toBe(4);
  });
});
