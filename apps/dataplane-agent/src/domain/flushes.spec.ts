import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { desired, given } from './given-node.fixture.js';
import { flushKey, type FlushesDone, planFlushes } from './flushes.js';

const KEY = flushKey({ target: { address: '127.0.0.1', port: 1 } });
const web = (flushes: number): FlushesDone => ({ web: { [KEY]: flushes } });
const plan = (flushes: number, before: FlushesDone | undefined, standing = ['web']) =>
  planFlushes(desired(1, given('web', [1, 0, flushes])).state, new Set(standing), before);

describe('planFlushes', () => {
  it('takes the number of a target that it sees for the first time as done', () => {
    expect(plan(7, undefined)).toEqual({ due: [], done: web(7) });
    expect(plan(7, { other: { [KEY]: 1 } })).toEqual({ due: [], done: web(7) });
    expect(plan(7, { web: { other: 1 } })).toEqual({ due: [], done: web(7) });
  });

  it('cuts once for a number that went up, however far', () => {
    const { due, done } = plan(9, web(7));
    expect(due).toEqual([{ listener: 'web', target: { address: '127.0.0.1', port: 1 }, flushes: 9 }]);
    expect(done).toEqual(web(7));
    expect(plan(9, web(9))).toEqual({ due: [], done: web(9) });
  });

  it('waits for a listener that was refused: its weight is not set yet', () => {
    expect(plan(9, web(7), [])).toEqual({ due: [], done: web(7) });
  });

  it('takes a lower number as done', () => {
    expect(plan(2, web(7))).toEqual({ due: [], done: web(2) });
  });

  it('looks at targets that did not change only once, and at all of them when others were done', () => {
    const { state } = desired(1, given('web', [1, 0, 7]));
    const first = planFlushes(state, new Set(['web']), undefined).done;
    const again = planFlushes(state, new Set(['web']), first);
    expect(again).toEqual({ due: [], done: web(7) });
    expect(again.done['web']).toBe(first['web']);
    expect(planFlushes(state, new Set(['web']), web(5)).due).toHaveLength(1);
  });

  it('tells a target of the listener from the same place in a policy pool', () => {
    const [target] = given('web', [1, 0, 4]).targets;
    const listener = { ...given('web', [1, 0, 7]), policyPools: [{ ...given('api'), targets: [target!] }] };
    const key = flushKey({ pool: 'api', target: { address: '127.0.0.1', port: 1 } });
    const { state } = desired(1, listener);
    const standing = new Set(['web']);
    expect(planFlushes(state, standing, undefined).done).toEqual({ web: { [KEY]: 7, [key]: 4 } });
    const { due } = planFlushes(state, standing, { web: { [KEY]: 7, [key]: 3 } });
    expect(due).toEqual([
      { listener: 'web', pool: 'api', target: { address: '127.0.0.1', port: 1 }, flushes: 4 },
    ]);
  });

  it('never cuts more often than the number went up, and always when it did', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 30 }), (steps) => {
        let [number, cuts, done] = [5, 0, undefined as FlushesDone | undefined];
        let raises = 0;
        for (const [at, step] of steps.entries()) {
          number += step;
          if (at > 0 && step > 0) raises += 1;
          const next = plan(number, done);
          cuts += next.due.length;
          done = next.done;
          for (const one of next.due) done[one.listener]![flushKey(one)] = one.flushes;
        }
        expect(cuts).toBe(raises);
      }),
    );
  });
});
