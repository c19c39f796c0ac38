import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AffinityTable } from './affinity-table.js';
import { equalTargets, targetsOf } from './targets.fixture.js';

const TIMEOUT_MS = 1000;
const BOUND = 3;
const [first, second, third] = equalTargets(3);

describe('the affinity table', () => {
  let table: AffinityTable;
  beforeEach(() => {
    table = new AffinityTable(TIMEOUT_MS, BOUND);
    table.useTargets([first!, second!, third!]);
  });

  it('brings a client back to its target', () => {
    table.remember('a', 1, 0);
    expect(table.find('a', 1)).toBe(1);
    expect(table.find('b', 1)).toBeUndefined();
  });

  it('forgets a client when it was silent for longer than the timeout, counted from its last use', () => {
    table.remember('a', 1, 0);
    expect(table.find('a', 1000)).toBe(1);
    expect(table.find('a', 2000)).toBe(1);
    expect(table.find('a', 3001)).toBeUndefined();
    expect(table.size).toBe(0);
  });

  it('has the last target that was said', () => {
    table.remember('a', 1, 0);
    table.remember('a', 2, 1);
    expect(table.find('a', 2)).toBe(2);
    expect(table.size).toBe(1);
  });

  it('follows the place when the targets change', () => {
    table.remember('a', 1, 0);
    table.useTargets([third!, first!, { ...second!, weight: 5 }]);
    expect(table.find('a', 1)).toBe(2);
  });

  it('ignores a place that is gone or has no weight, and knows it again when it is back', () => {
    table.remember('a', 1, 0);
    table.useTargets([first!, third!]);
    expect(table.find('a', 1)).toBeUndefined();
    table.useTargets(targetsOf(100, 0, 100));
    expect(table.find('a', 2)).toBeUndefined();
    table.useTargets([first!, second!]);
    expect(table.find('a', 3)).toBe(1);
  });

  it('forgets the clients of a target that is flushed, gone or not, and says how many', () => {
    table.remember('a', 0, 0);
    table.remember('b', 1, 0);
    table.remember('c', 1, 0);
    table.useTargets([first!]);
    expect(table.forget(second!)).toBe(2);
    expect(table.forget(second!)).toBe(0);
    table.useTargets([first!, second!]);
    expect(['a', 'b', 'c'].map((client) => table.find(client, 1))).toEqual([0, undefined, undefined]);
  });

  it('forgets the client that was silent longest when it is full', () => {
    for (const [now, client] of ['a', 'b', 'c'].entries()) table.remember(client, 0, now);
    table.find('a', 3);
    table.remember('d', 0, 4);
    expect(['a', 'b', 'c', 'd'].map((client) => table.find(client, 5))).toEqual([0, undefined, 0, 0]);
  });

  it('makes room of those that are too old before it is full', () => {
    table.remember('a', 0, 0);
    table.remember('b', 0, 2000);
    expect(table.size).toBe(1);
  });

  it('remembers nothing of an index that is no target', () => {
    table.remember('a', 3, 0);
    expect(table.size).toBe(0);
  });

  it('answers as a list that is searched from its end, and never holds more than its bound', () => {
    const use = fc.record({
      client: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      target: fc.option(fc.nat({ max: 2 })),
      after: fc.nat({ max: 700 }),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 40 }), (uses) => {
        const tested = new AffinityTable(TIMEOUT_MS, BOUND);
        tested.useTargets([first!, second!, third!]);
        let model: { client: string; target: number; at: number }[] = [];
        let now = 0;
        for (const { client, target, after } of uses) {
          now += after;
          model = model.filter(({ at }) => now - at <= TIMEOUT_MS);
          const known = model.find((one) => one.client === client)?.target;
          if (target === null) expect(tested.find(client, now)).toBe(known);
          else tested.remember(client, target, now);
          const used = target ?? known;
          if (used === undefined) continue;
          model = [...model.filter((one) => one.client !== client), { client, target: used, at: now }].slice(
            -BOUND,
          );
          expect(tested.size).toBeLessThanOrEqual(BOUND);
        }
      }),
    );
  });
});
