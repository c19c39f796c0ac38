import { describe, expect, it } from '@jest/globals';
import { type NodeTarget } from '@signalbox/contracts';
import { maglevTargets } from './maglev-contract.js';
import { maglevTable } from './maglev-table.js';
import { equalTargets, tally, targetsOf } from './targets.fixture.js';

/** The figures of reference load-balancing section 6 and the oracles of reference maglev 13.4. */

const LARGE = 65_537;

/** Name of the target of each slot, so that tables of different targets compare. */
function slotNames(targets: readonly NodeTarget[], size: number): readonly string[] {
  const weighted = maglevTargets(targets);
  return Array.from(maglevTable(weighted, size), (target) => weighted[target]!.name);
}

/** Shares of slots that changed hands, and of those that did so though neither hand was that of `name`. */
function moved(before: readonly string[], after: readonly string[], name: string) {
  const changed = before.flatMap((old, slot) => (old === after[slot] ? [] : [[old, after[slot]]]));
  const unneeded = changed.filter((hands) => !hands.includes(name));
  return { changed: changed.length / before.length, unneeded: unneeded.length / before.length };
}

describe('figures of the Maglev table', () => {
  it.each([
    { size: LARGE, count: 10, most: 1.0001, least: 0.99985 },
    { size: LARGE, count: 100, most: 1.001, least: 0.9994 },
    { size: LARGE, count: 1000, most: 1.0072, least: 0.9918 },
    { size: 16_381, count: 100, most: 1.0013, least: 0.995 },
    { size: 2039, count: 10, most: 1.0006, least: 0.9955 },
    { size: 655_373, count: 1000, most: 1.001, least: 0.9993 },
  ])('$count targets share $size slots: $least to $most of the mean', ({ size, count, most, least }) => {
    const counts = tally(maglevTable(maglevTargets(equalTargets(count)), size), count);
    expect((Math.max(...counts) * count) / size).toBeLessThanOrEqual(most);
    expect((Math.min(...counts) * count) / size).toBeGreaterThanOrEqual(least);
  });

  it.each([
    { size: LARGE, count: 10, changed: 0.105, unneeded: 0.0026 },
    { size: LARGE, count: 100, changed: 0.0167, unneeded: 0.0067 },
    { size: LARGE, count: 1000, changed: 0.0075, unneeded: 0.0065 },
    { size: 16_381, count: 100, changed: 0.0252, unneeded: 0.0152 },
    { size: 2039, count: 10, changed: 0.1215, unneeded: 0.021 },
    { size: 1021, count: 10, changed: 0.13, unneeded: 0.03 },
  ])('one of $count leaves $size slots: $changed change', ({ size, count, changed, unneeded }) => {
    const targets = equalTargets(count);
    const before = slotNames(targets, size);
    for (let leaving = 0; leaving < count; leaving += Math.ceil(count / 10)) {
      const after = slotNames(targets.toSpliced(leaving, 1), size);
      const move = moved(before, after, `${targets[leaving]!.address}:80`);
      expect(move.changed).toBeLessThan(changed);
      expect(move.unneeded).toBeLessThan(unneeded);
    }
  });

  it('draining any of ten, 100 → 90 → 50 → 10 → 0, moves at most 0.20 % between the others', () => {
    for (let draining = 0; draining < 10; draining += 1) {
      const states = [100, 90, 50, 10, 0].map((weight) => {
        return slotNames(targetsOf(...new Array<number>(10).fill(100).with(draining, weight)), LARGE);
      });
      const name = `10.0.0.${draining + 1}:80`;
      for (const [step, after] of states.slice(1).entries()) {
        expect(moved(states[step]!, after, name).unneeded).toBeLessThanOrEqual(0.002);
      }
    }
  });

  it('weights 100/50/25 get the nearest whole number of slots', () => {
    expect(tally(maglevTable(maglevTargets(targetsOf(100, 50, 25)), LARGE), 3)).toEqual([
      37_450, 18_725, 9362,
    ]);
  });

  it('100 targets with weights 1 to 10 are within 0.15 % of their shares', () => {
    const targets = targetsOf(...Array.from({ length: 100 }, (_, n) => (n % 10) + 1));
    const counts = tally(maglevTable(maglevTargets(targets), LARGE), 100);
    targets.forEach(({ weight }, target) => {
      expect(Math.abs(counts[target]! / ((LARGE * weight) / 550) - 1)).toBeLessThan(0.0015);
    });
  });

  it('weights 2/13/111/10 get the nearest whole number of 1,021 slots', () => {
    const targets = targetsOf(2, 13, 111, 10);
    const exact = [15.01, 97.6, 833.32, 75.07];
    expect(tally(maglevTable(maglevTargets(targets), 1021), 4)).toEqual(exact.map(Math.round));
  });
});
