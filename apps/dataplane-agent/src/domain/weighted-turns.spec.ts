import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tally } from './targets.fixture.js';
import { WeightedTurns } from './weighted-turns.js';

const all = (): boolean => true;

function turnsOf(weights: readonly number[], count: number): (number | undefined)[] {
  const turns = new WeightedTurns(weights);
  return Array.from({ length: count }, () => turns.next(all));
}

describe('weighted turns', () => {
  it('are spread out', () => {
    expect(turnsOf([5, 1, 1], 7)).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });

  it('give each exactly its weight, in every cycle', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        (weights, cycles) => {
          const sum = weights.reduce((total, weight) => total + weight, 0);
          const turns = turnsOf(weights, sum * cycles);
          expect(tally(turns, weights.length)).toEqual(weights.map((weight) => weight * cycles));
        },
      ),
    );
  });

  it('never stray from the shares by as many turns as there are weights', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 }), (weights) => {
        const sum = weights.reduce((total, weight) => total + weight, 0);
        const had = weights.map(() => 0);
        const strays = turnsOf(weights, sum).map((index, turn) => {
          had[index!]! += 1;
          return Math.max(
            ...weights.map((weight, each) => Math.abs(had[each]! - ((turn + 1) * weight) / sum)),
          );
        });
        expect(Math.max(...strays)).toBeLessThan(weights.length);
      }),
    );
  });

  it('go past who is not among those that may have one', () => {
    const turns = new WeightedTurns([100, 100, 0]);
    expect(turns.next((index) => index !== 0)).toBe(1);
    expect(turns.next((index) => index === 2)).toBeUndefined();
    expect(turns.next(() => false)).toBeUndefined();
  });
});
