import { describe, expect, it } from '@jest/globals';
import { allDownWeight } from './all-down.js';
import type { MemberView } from './pool-view.js';

const DOWN = { state: 'down', weight: 100 } as const;

describe('allDownWeight', () => {
  it.each(['down', 'unknown'] as const)('drop leaves a %s member to the truth table', (state) => {
    expect(allDownWeight('drop', { state, weight: 100 }, 0, 100)).toBeUndefined();
  });

  it.each(['down', 'unknown'] as const)('keep-last keeps what a %s member had, unflushed', (state) => {
    const kept = { rule: 'keep-last', effective: 40, flush: false };
    expect(allDownWeight('keep-last', { state, weight: 100 }, 1, 40)).toEqual(kept);
  });

  it('keep-last leaves members that had nothing, or are drained by weight 0, to the truth table', () => {
    expect(allDownWeight('keep-last', DOWN, 0, 0)).toBeUndefined();
    expect(allDownWeight('keep-last', { ...DOWN, weight: 0 }, 0, 40)).toBeUndefined();
  });

  it.each(['down', 'unknown'] as const)('spread gives a %s member of the first pool its weight', (state) => {
    const spread = { rule: 'spread', effective: 30, flush: false };
    expect(allDownWeight('spread', { state, weight: 30 }, 0, 0)).toEqual(spread);
    expect(allDownWeight('spread', { state, weight: 30 }, 1, 0)).toBeUndefined();
  });

  it.each<[MemberView['state']]>([['paused'], ['disabled'], ['removed'], ['missing']])(
    'nothing brings a %s member back',
    (state) => {
      expect(allDownWeight('keep-last', { state, weight: 100 }, 0, 100)).toBeUndefined();
      expect(allDownWeight('spread', { state, weight: 100 }, 0, 100)).toBeUndefined();
    },
  );
});
