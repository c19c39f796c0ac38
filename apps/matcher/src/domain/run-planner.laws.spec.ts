import { describe, expect, it } from '@jest/globals';
import { type BatchPolicy, ENDED_STATES, type PartRecord, type RunRecord } from '@signalbox/contracts';
import { evolveRun, type RunView } from '@signalbox/store';
import fc from 'fast-check';
import { lineagesOf } from './lineage-book.js';
import { aRule, ordersOf } from './given.fixture.js';
import { foldLog, PlannerWorld } from './planner-world.fixture.js';

/** `w` gathers facts in a window, `d` until none comes. */
const SUBSCRIPTIONS = ['a', 'b', 'w', 'd'] as const;
const BATCHES: Partial<Record<string, BatchPolicy>> = { w: { windowMs: 1500 }, d: { debounceMs: 700 } };
const subscription = fc.constantFrom(...SUBSCRIPTIONS);
const about = fc.constantFrom('u', 'v', 'w', 'x');

const matchStep = fc.record({ do: fc.constant('match' as const), subscription, about });
const expiringStep = fc.record({
  do: fc.constant('match' as const),
  subscription,
  about,
  livesMs: fc.nat(3000),
});
const planStep = fc.record({ do: fc.constant('plan' as const), afterMs: fc.nat(2000) });
const advanceStep = fc.record({
  do: fc.constant('advance' as const),
  n: fc.nat(20),
  outcome: fc.constantFrom('proposed' as const, 'failed' as const, 'lost' as const),
  accepts: fc.boolean(),
});
const pluginStep = fc.record({ do: fc.constant('plugin' as const), subscription, exists: fc.boolean() });
const restartStep = fc.record({ do: fc.constant('restart' as const), behind: fc.nat(6), ahead: fc.nat(6) });
const repeatStep = fc.record({ do: fc.constant('repeat' as const), n: fc.nat(200) });

const ordinarySteps = [
  { weight: 3, arbitrary: matchStep },
  { weight: 3, arbitrary: planStep },
  { weight: 6, arbitrary: advanceStep },
  { weight: 1, arbitrary: pluginStep },
];
const steps = fc.oneof(
  ...ordinarySteps,
  { weight: 1, arbitrary: expiringStep },
  { weight: 2, arbitrary: repeatStep },
  { weight: 1, arbitrary: restartStep },
);
const RUNS = { numRuns: 150 };
const lengths = { maxLength: 50, size: 'max' } as const;
const history = fc.array(steps, lengths);
const historyWithoutExpiry = fc.array(fc.oneof(...ordinarySteps), lengths);
type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

function aWorld(): PlannerWorld {
  return new PlannerWorld(
    new Map(
      SUBSCRIPTIONS.map((name, n) => {
        const batch = BATCHES[name];
        const rule = aRule({ subscription: name, concurrency: (n % 2) + 1, ...(batch && { batch }) });
        return [name, rule];
      }),
    ),
  );
}

/** Takes one step; a restart goes on in another world. */
function take(world: PlannerWorld, step: Step): PlannerWorld {
  if (step.do === 'restart') return world.restarted(step.behind, Math.min(step.behind, step.ahead));
  if (step.do === 'match')
    world.match(step.subscription, step.about, 'livesMs' in step ? step.livesMs : undefined);
  if (step.do === 'advance') world.advance(step.n, step.outcome, step.accepts);
  if (step.do === 'repeat') world.repeat(step.n);
  if (step.do === 'plugin')
    world.change({ ...world.rules.get(step.subscription)!, pluginExists: step.exists });
  if (step.do === 'plan') {
    world.nowMs += step.afterMs;
    world.plan();
  }
  return world;
}

function after(given: readonly Step[]): PlannerWorld {
  return given.reduce(take, aWorld());
}

function runIdOfRecord(record: RunRecord | PartRecord): string | undefined {
  if (record.type === 'ended') return record.order.runId;
  if (record.type === 'accepted') return record.part.runId;
  return 'runId' in record ? record.runId : undefined;
}

function plannedRuns(world: PlannerWorld): string[] {
  const records = world.log.flatMap((entry) => (entry.kind === 'run' ? [entry.record] : []));
  return [...new Set(ordersOf(records).map((order) => order.runId))].sort();
}

describe('RunPlanner, whatever happens in whatever order', () => {
  it('has at most one run in flight per lineage and `concurrency` per subscription', () => {
    fc.assert(
      fc.property(history, (given) => {
        let world = aWorld();
        for (const step of given) {
          world = take(world, step);
          const { runs, lineages } = foldLog(world.log);
          const busy = runs.flatMap(({ order }) =>
            lineagesOf(order).map((lineage) => `${order.subscription} ${lineage}`),
          );
          const crowded = [...world.rules.values()].filter(
            ({ subscription: name, concurrency }) =>
              runs.filter(({ order }) => order.subscription === name).length > concurrency,
          );
          const pending = lineages.filter(({ matchedSeq, plannedSeq }) => matchedSeq > plannedSeq);
          expect([
            busy.length - new Set(busy).size,
            crowded,
            world.planner.inFlight(),
            world.planner.pendingCount(),
          ]).toEqual([0, [], runs.length, pending.length]);
        }
      }),
      RUNS,
    );
  });

  it('sees to the newest fact of every lineage once the plugin behaves', () => {
    fc.assert(
      fc.property(history, (given) => {
        const world = after(given);
        world.drain();
        for (const { matched, matchedSeq, outcomes } of foldLog(world.log).lineages) {
          const done = [...outcomes];
          const skipped = matched?.expiresAt !== undefined && done.includes(`${matchedSeq} skipped`);
          expect(skipped || done.includes(`${matchedSeq} planned`)).toBe(true);
        }
        expect([world.planner.inFlight(), world.planner.pendingCount()]).toEqual([0, 0]);
        expect(world.planner.nextDueMs()).toBeUndefined();
      }),
      RUNS,
    );
  });

  it('S2 is the same after any record or fact is folded again', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat(200), { minLength: 1, maxLength: 5 }), (given, repeats) => {
        let world = aWorld();
        for (const step of given) {
          world = take(world, step);
          world.repeatLatest();
        }
        const before = world.visible();
        for (const n of repeats) {
          world.repeat(n);
          expect(world.visible()).toEqual(before);
        }
      }),
      RUNS,
    );
  });

  it('plans the same runs when it is started again from its tables at any point', () => {
    fc.assert(
      fc.property(historyWithoutExpiry, fc.nat(30), (given, behind) => {
        const world = after(given);
        const again = world.restarted(behind, Math.floor(behind / 2));
        expect([again.planner.inFlight(), again.planner.pendingCount(), again.planner.nextDueMs()]).toEqual([
          world.planner.inFlight(),
          world.planner.pendingCount(),
          world.planner.nextDueMs(),
        ]);
        world.drain();
        again.drain();
        expect(plannedRuns(again)).toEqual(plannedRuns(world));
      }),
      RUNS,
    );
  });

  it('agrees with the rows of the runs table', () => {
    fc.assert(
      fc.property(history, (given) => {
        const world = after(given);
        const rows = new Map<string, RunView>();
        for (const [seq, entry] of world.log.entries()) {
          if (entry.kind === 'matched') continue;
          const runId = runIdOfRecord(entry.record);
          const row = runId && evolveRun(rows.get(runId), entry.record, seq + 1);
          if (row) rows.set(row.runId, row);
        }
        const unfinished = [...rows.values()].filter((row) => !ENDED_STATES.includes(row.state));
        const shown = unfinished.map((row) => [row.runId, row.attempt, row.state, row.retryAt]);
        const folded = foldLog(world.log).runs.map(({ order, state, retryAtMs }) => [
          order.runId,
          order.attempt,
          state,
          retryAtMs === undefined ? undefined : new Date(retryAtMs).toISOString(),
        ]);
        expect(shown.sort()).toEqual(folded.sort());
      }),
    );
  });

  it('decides without changing anything', () => {
    fc.assert(
      fc.property(history, (given) => {
        const world = after(given);
        expect(world.visible()).toEqual(world.visible());
      }),
    );
  });
});
