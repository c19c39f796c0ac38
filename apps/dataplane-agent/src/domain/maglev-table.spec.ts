import { describe, expect, it } from '@jest/globals';
import { type NodeTarget } from '@signalbox/contracts';
import fc from 'fast-check';
import { maglevTargets } from './maglev-contract.js';
import { LARGEST_TABLE, maglevTable } from './maglev-table.js';
import { naiveMaglev } from './naive-maglev.fixture.js';
import { ANY_TARGETS, equalTargets, tally, targetsOf } from './targets.fixture.js';

const SIZES = fc.constantFrom(2, 3, 5, 13, 127, 131, 251, 509);

const tableOf = (targets: readonly NodeTarget[], size: number): Int32Array =>
  maglevTable(maglevTargets(targets), size);

describe('the Maglev table', () => {
  it('is that of the reference page, as a second implementation makes it', () => {
    fc.assert(
      fc.property(ANY_TARGETS, SIZES, (targets, size) => {
        const naive = naiveMaglev(targets, size);
        expect(maglevTargets(targets).map(({ name }) => name)).toEqual(naive.names);
        expect([...tableOf(targets, size)]).toEqual(naive.slots);
      }),
      { numRuns: 40 },
    );
  });

  it('is that of the reference page when most of it is filled by stepping', () => {
    const targets = targetsOf(...Array.from({ length: 40 }, (_, n) => (n * 37) % 101));
    expect([...tableOf(targets, 4093)]).toEqual(naiveMaglev(targets, 4093).slots);
  });

  it('is the same whatever the order of the targets', () => {
    const shuffled = ANY_TARGETS.chain((targets) =>
      fc.tuple(fc.constant(targets), fc.shuffledSubarray([...targets], { minLength: targets.length })),
    );
    fc.assert(
      fc.property(shuffled, ([targets, others]) => {
        expect(tableOf(others, 251)).toEqual(tableOf(targets, 251));
      }),
    );
  });

  it('gives each its share to within two slots, whatever the weights', () => {
    fc.assert(
      fc.property(ANY_TARGETS, (targets) => {
        const weighted = maglevTargets(targets);
        const sum = weighted.reduce((total, { weight }) => total + weight, 0);
        const counts = tally(maglevTable(weighted, 1009), weighted.length);
        weighted.forEach(({ weight }, target) => {
          expect(Math.abs(counts[target]! - (1009 * weight) / sum)).toBeLessThan(2);
        });
      }),
    );
  });

  it('gives equal targets numbers of slots that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), SIZES, (count, size) => {
        const counts = tally(tableOf(equalTargets(count), size), count);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 50 },
    );
  });

  it('knows only how weights stand to each other', () => {
    expect(tableOf(targetsOf(10, 20, 40), 251)).toEqual(tableOf(targetsOf(25, 50, 100), 251));
  });

  it('is without targets of weight 0, as if they were not there', () => {
    const [first, second, third] = targetsOf(100, 0, 50);
    expect(tableOf([first!, second!, third!], 251)).toEqual(tableOf([first!, third!], 251));
  });

  it('has -1 in every slot when there is no target', () => {
    expect([...tableOf(targetsOf(0, 0), 5)]).toEqual([-1, -1, -1, -1, -1]);
  });

  it('gives its slots to the first of more targets than it has', () => {
    expect([...tableOf(equalTargets(9), 3)].sort()).toEqual([0, 1, 2]);
  });

  it.each([0, 1, 65_536, 2.5, NaN, 5_000_077])('is not made of %d slots', (size) => {
    expect(() => tableOf(equalTargets(3), size)).toThrow(RangeError);
    expect(() => tableOf(equalTargets(3), size)).toThrow(`at most ${LARGEST_TABLE}, not ${size}`);
  });
});
