import { describe, expect, it } from '@jest/globals';
import type { MemberView } from './pool-view.js';
import { targetWeight } from './target-weight.js';

/** Reference 11.2, TestAsFromBackend: state, pool, active pool, configured weight → weight, flush. */
const TABLE: readonly [number, MemberView['state'], number, number, number, number, boolean][] = [
  [1, 'up', 0, 0, 100, 100, false],
  [2, 'up', 0, 0, 50, 50, false],
  [3, 'up', 0, 0, 0, 0, false],
  [4, 'up', 1, 0, 100, 0, false],
  [5, 'up', 1, 1, 100, 100, false],
  [6, 'up', 1, 1, 25, 25, false],
  [7, 'up', 0, 1, 100, 0, false],
  [8, 'unknown', 0, 0, 100, 0, false],
  [9, 'unknown', 1, 1, 100, 0, false],
  [10, 'down', 0, 0, 100, 0, false],
  [11, 'down', 1, 1, 100, 0, false],
  [12, 'paused', 0, 0, 100, 0, false],
  [13, 'paused', 1, 0, 100, 0, false],
  [14, 'disabled', 0, 0, 100, 0, true],
  [15, 'disabled', 1, 0, 100, 0, true],
];

describe('targetWeight', () => {
  it.each(TABLE)(
    'case %i: %s in pool %i while %i is active, weight %i → %i, flush %s',
    (_case, state, pool, active, weight, effective, flush) => {
      expect(targetWeight({ state, weight }, { pool, active, flushOnDown: false })).toMatchObject({
        effective,
        flush,
      });
    },
  );

  it.each(TABLE)(
    'case %i with flush-on-down: %s in pool %i while %i is active flushes when down as well',
    (_case, state, pool, active, weight, effective, flush) => {
      expect(targetWeight({ state, weight }, { pool, active, flushOnDown: true })).toMatchObject({
        effective,
        flush: flush || state === 'down',
      });
    },
  );

  it.each(['removed', 'missing'] as const)('a %s backend gets nothing and is not flushed', (state) => {
    const ruling = targetWeight({ state, weight: 100 }, { pool: 0, active: 0, flushOnDown: true });
    expect(ruling).toEqual({ rule: 'missing', effective: 0, flush: false });
  });

  it.each([
    ['up', 0, 100, 'active'],
    ['up', 0, 0, 'weight-zero'],
    ['up', 1, 100, 'standby'],
    ['up', 1, 0, 'standby'],
    ['unknown', 0, 100, 'unknown'],
    ['down', 1, 100, 'down'],
    ['paused', 0, 100, 'paused'],
    ['disabled', 0, 100, 'disabled'],
  ] as const)('names the rule: %s in pool %i with weight %i → %s', (state, pool, weight, rule) => {
    expect(targetWeight({ state, weight }, { pool, active: 0, flushOnDown: true }).rule).toBe(rule);
  });
});
