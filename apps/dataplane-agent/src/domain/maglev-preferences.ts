import { type MaglevTarget, offsetOf, skipOf } from './maglev-contract.js';

/** Where the targets of a table stand while it is filled; one entry for each in every array. */
export interface Preferences {
  /** A slot: all before it, in the target's order of preference, are taken. */
  readonly next: Int32Array;
  /** From one preferred slot to the next, modulo the size of the table. */
  readonly skips: Int32Array;
  readonly weights: Int32Array;
  /** What each has saved up for its next slot, which costs as much as the heaviest weighs. */
  readonly credits: Int32Array;
  readonly heaviest: number;
}

/** How it begins. Half a slot in advance rounds what each gets to the nearest whole slot, not down. */
export function preferencesOf(targets: readonly MaglevTarget[], size: number): Preferences {
  const heaviest = targets.reduce((most, { weight }) => Math.max(most, weight), 0);
  const next = new Int32Array(targets.length);
  const skips = new Int32Array(targets.length);
  const weights = new Int32Array(targets.length);
  targets.forEach(({ name, weight }, target) => {
    next[target] = offsetOf(name, size);
    skips[target] = skipOf(name, size);
    weights[target] = weight;
  });
  return { next, skips, weights, credits: new Int32Array(targets.length).fill(heaviest >> 1), heaviest };
}
