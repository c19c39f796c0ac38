import { describe, expect, it } from '@jest/globals';
import type { FrontendPlan } from '@signalbox/contracts';
import fc from 'fast-check';
import { applyFrontendRecord, frontendRecord } from './frontend-changes.js';
import { decideFrontend, type FrontendMemory, type FrontendView } from './frontend-view.js';
import { aFrontend, aMember, inStates, NOON, remembered } from './given.fixture.js';
import { planFrontend, weightWarnings } from './plan-weights.js';
import { anyFrontends, historiesOf } from './random-frontend.fixture.js';

const NO_POLICIES: ReadonlySet<string> = new Set();

function decided(view: FrontendView): FrontendMemory | undefined {
  return remembered([{ view, atMs: NOON }]);
}

function planned(before: FrontendView | undefined, view: FrontendView | undefined): FrontendPlan | undefined {
  const policyPools = new Set(before?.policyPools?.map(({ name }) => name));
  return planFrontend({ name: 'web', memory: before && decided(before), policyPools, view }, NOON);
}

/** `backend` → [weight before, share before, weight after, share after]. */
function weights(plan: FrontendPlan | undefined): Record<string, unknown[]> {
  return Object.fromEntries(
    (plan?.targets ?? []).map(({ backend, before, after }) => [
      backend,
      [before?.effective, before?.share, after?.effective, after?.share],
    ]),
  );
}

const warnings = (plan: FrontendPlan | undefined): string[] =>
  (plan ? weightWarnings(plan) : []).map(({ reason, message }) => `${reason}: ${message}`);

describe('the plan of a frontend', () => {
  const two = aFrontend([inStates('up', 'up')]);

  it('has effective weights and shares before and after, and none of what stays', () => {
    const drained = aFrontend([[aMember('nginx1'), aMember('nginx2', { weight: 25 })]]);
    expect(weights(planned(two, drained))).toEqual({
      nginx1: [100, 50, 100, 80],
      nginx2: [100, 50, 25, 20],
    });
    expect(warnings(planned(two, drained))).toEqual([]);
    expect(planned(two, two)).toBeUndefined();
    expect(planned(undefined, undefined)).toBeUndefined();
  });

  it('counts a backend that is new as unknown: it gets nothing yet, and says so', () => {
    const fresh = aFrontend([[...inStates('up', 'up'), aMember('nginx3', { state: 'unknown' })]]);
    const plan = planned(two, fresh);
    expect(weights(plan)).toEqual({ nginx3: [undefined, undefined, 0, 0] });
    expect(plan?.targets[0]?.after?.why).toMatchObject({ rule: 'unknown' });
  });

  it('warns when the last backend goes, the frontend goes, or traffic goes to another pool', () => {
    expect(warnings(planned(two, aFrontend([[]])))).toEqual([
      'backends-gone: web serves, and no backend of it would get traffic: 2 lose their weight',
    ]);
    const moved = aFrontend([[aMember('nginx9', { state: 'unknown' })]]);
    expect(warnings(planned(aFrontend([inStates('up')]), moved))).toEqual([
      'backends-gone: web serves, and no backend of it would get traffic: 1 loses its weight; 1 is unknown until a check has answered',
    ]);
    expect(warnings(planned(two, undefined))).toEqual([
      'frontend-gone: web serves, and would no longer be there',
    ]);
    const tiers = aFrontend([inStates('up'), [aMember('spare1')]]);
    const left = aFrontend([[], [aMember('spare1')]]);
    expect(planned(tiers, left)).toMatchObject({
      before: { state: 'up', activePool: 'primary' },
      after: { state: 'up', activePool: 'fallback' },
    });
    expect(warnings(planned(tiers, left))).toEqual([
      'pool-switch: traffic of web would go from pool primary to pool fallback',
    ]);
    expect(warnings(planned(aFrontend([inStates('down')]), undefined))).toEqual([]);
  });

  it('shares what policies send to a pool by itself', () => {
    const policyPools = [{ name: 'api', members: inStates('up', 'up') }];
    expect(weights(planned(undefined, { ...aFrontend([[aMember('web1')]]), policyPools }))).toEqual({
      web1: [undefined, undefined, 100, 100],
      nginx1: [undefined, undefined, 100, 50],
      nginx2: [undefined, undefined, 100, 50],
    });
  });

  it('is what is then decided, after any history', () => {
    const effective = (memory: FrontendMemory | undefined): Map<string, number> =>
      new Map(Array.from(memory?.targets ?? [], ([key, target]) => [key, target.effective]));
    fc.assert(
      fc.property(historiesOf(anyFrontends), (history) => {
        const { view, atMs } = history.at(-1)!;
        const memory = remembered(history.slice(0, -1));
        const plan = planFrontend({ name: 'web', memory, policyPools: NO_POLICIES, view }, atMs);
        const record = frontendRecord('web', decideFrontend(view, memory, atMs), memory, 9, '');
        const then = record ? applyFrontendRecord(memory, record) : memory;
        if (plan) expect(plan.after).toEqual({ state: then?.state, activePool: then?.activePool });
        else expect([then?.state, then?.activePool]).toEqual([memory?.state, memory?.activePool]);
        const [was, is] = [effective(memory), effective(then)];
        const told = new Map(
          plan?.targets.map(({ pool, backend, before, after }) => [
            `${pool}\u0000${backend}`,
            [before?.effective, after?.effective],
          ]),
        );
        for (const key of new Set([...was.keys(), ...is.keys()])) {
          if (told.has(key)) expect(told.get(key)).toEqual([was.get(key), is.get(key)]);
          else expect(was.get(key)).toBe(is.get(key));
          told.delete(key);
        }
        expect([...told]).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
