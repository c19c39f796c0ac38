import { expect, it } from '@jest/globals';
import { aMatch, aRule, ended, NOON } from './given.fixture.js';
import { aPlanner, LATE, match, plan, planOne } from './planner-given.fixture.js';

it('skips what waits for its run when its fact is no longer kept, and nothing else', () => {
  const planner = aPlanner(aRule({ pluginExists: false }), aRule({ subscription: 'other', group: 'core' }));
  for (const [at, about] of ['a', 'b', 'c'].entries()) match(planner, aMatch(at + 1, about));
  planner.matched('other', 'core', aMatch(1, 'a'), NOON);
  const skipped = planner.decideRetired('edge', 2, NOON);
  expect(skipped).toMatchObject([
    {
      outcome: 'skipped',
      order: { subscription: 'claims', facts: [{ seq: 1 }] },
      error: { code: 'retention' },
    },
    {
      outcome: 'skipped',
      order: { subscription: 'claims', facts: [{ seq: 2 }] },
      error: { code: 'retention' },
    },
  ]);
  for (const record of skipped) planner.applyRun(record);
  expect(planner.decideRetired('edge', 2, NOON)).toEqual([]);
  expect(planner.pendingCount()).toBe(2);
});

it('skips the next attempt of a run whose fact is no longer kept, and leaves one that is at work', () => {
  const planner = aPlanner(aRule());
  match(planner, aMatch(1, 'fails'));
  const failing = planOne(planner);
  match(planner, aMatch(2, 'works'));
  planOne(planner);
  planner.applyRun(ended(failing, 'failed'));
  const skipped = planner.decideRetired('edge', 2, NOON);
  expect(skipped).toMatchObject([
    { order: { runId: failing.runId, attempt: 2 }, error: { code: 'retention' } },
  ]);
  for (const record of skipped) planner.applyRun(record);
  expect(plan(planner, LATE)).toEqual([]);
  expect(planner.inFlight()).toBe(1);
});
