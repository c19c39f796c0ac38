import { describe, expect, it } from '@jest/globals';
import { activePoolIndex, type PoolOptions } from './active-pool.js';
import { aMember, inStates } from './given.fixture.js';
import type { MemberView } from './pool-view.js';

const DEFAULTS: PoolOptions = { poolActivation: 'up', minUp: 1 };

describe('activePoolIndex', () => {
  /** Reference 11.2, TestActivePoolIndex. */
  it.each<[number, MemberView['state'][][], number]>([
    [1, [['up', 'up'], ['up']], 0],
    [2, [['down', 'up'], ['up']], 0],
    [3, [['down', 'down'], ['up']], 1],
    [4, [['disabled', 'disabled'], ['up']], 1],
    [5, [['paused', 'paused'], ['up']], 1],
    [6, [['unknown', 'unknown'], ['up']], 1],
    [7, [['down'], ['down']], 0],
    [8, [['down'], ['disabled'], ['up']], 2],
  ])('case %i: %j → %i', (_case, pools, index) => {
    const given = pools.map((states) => inStates(...states));
    expect(activePoolIndex(given, DEFAULTS)).toBe(index);
  });

  it('is 0 when there are no pools, and skips an empty one', () => {
    expect(activePoolIndex([], DEFAULTS)).toBe(0);
    expect(activePoolIndex([[], inStates('up')], DEFAULTS)).toBe(1);
  });

  it.each<[number, MemberView['state'][][], number]>([
    [
      2,
      [
        ['up', 'up'],
        ['up', 'up'],
      ],
      0,
    ],
    [
      2,
      [
        ['up', 'down'],
        ['up', 'up'],
      ],
      1,
    ],
    [
      2,
      [
        ['up', 'down'],
        ['up', 'down'],
      ],
      0,
    ],
    [
      2,
      [
        ['down', 'down'],
        ['up', 'down'],
      ],
      1,
    ],
    [
      3,
      [
        ['up', 'up'],
        ['up', 'up'],
        ['up', 'up', 'up'],
      ],
      2,
    ],
    [2, [['down', 'paused'], ['disabled']], 0],
  ])('min-up %i: %j → %i', (minUp, pools, index) => {
    const given = pools.map((states) => inStates(...states));
    expect(activePoolIndex(given, { ...DEFAULTS, minUp })).toBe(index);
  });

  it('activates a pool whose up members have weight 0, unless only weighted ones count', () => {
    const drained = [aMember('nginx1', { weight: 0 }), aMember('nginx2', { state: 'down' })];
    const pools = [drained, inStates('up')];
    expect(activePoolIndex(pools, DEFAULTS)).toBe(0);
    expect(activePoolIndex(pools, { ...DEFAULTS, poolActivation: 'up-weighted' })).toBe(1);
    expect(activePoolIndex([drained, drained], { ...DEFAULTS, poolActivation: 'up-weighted' })).toBe(0);
  });

  it('counts only weighted members towards min-up when only they count', () => {
    const halfDrained = [aMember('nginx1', { weight: 0 }), aMember('nginx2')];
    const pools = [halfDrained, inStates('up', 'up')];
    expect(activePoolIndex(pools, { poolActivation: 'up', minUp: 2 })).toBe(0);
    expect(activePoolIndex(pools, { poolActivation: 'up-weighted', minUp: 2 })).toBe(1);
  });
});
