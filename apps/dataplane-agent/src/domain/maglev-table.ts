import { isPrime } from '@signalbox/contracts';
import { type MaglevTarget } from './maglev-contract.js';
import { fillLastSlots } from './maglev-last-slots.js';
import { type Preferences, preferencesOf } from './maglev-preferences.js';

/** Largest table; 20 MB. Products of two of its slots are exact, sums of two stay below 2^31. */
export const LARGEST_TABLE = 5_000_011;

/** What a slot of a table without targets has. */
export const NO_TARGET = -1;

/** With so many slots open it is quicker to compute which is next than to step over all others; measured at 65,537. */
const LAST_SLOTS = 128;

/**
 * The lookup table of Maglev, NSDI 2016 section 3.4, with weighted turns: each slot has the index in `targets` of the
 * target that takes it. The targets as `maglevTargets` gives them. Throws a RangeError when `size` is no prime or above
 * LARGEST_TABLE.
 */
export function maglevTable(targets: readonly MaglevTarget[], size: number): Int32Array {
  if (!isPrime(size) || size > LARGEST_TABLE) {
    throw new RangeError(`a Maglev table has a prime number of slots, at most ${LARGEST_TABLE}, not ${size}`);
  }
  const table = new Int32Array(size).fill(NO_TARGET);
  if (targets.length === 0) return table;
  const preferences = preferencesOf(targets, size);
  const taken = new Uint8Array(size);
  const whoIsNext = fillFirstSlots(table, taken, preferences);
  fillLastSlots(table, taken, preferences, whoIsNext);
  return table;
}

/**
 * Fills all slots but the last and says whose turn it is then. The wrap at the end of the table is arithmetic, since a
 * processor cannot foresee the branch; `taken` has a byte for each slot, which stays in a cache where the table would not.
 */
function fillFirstSlots(table: Int32Array, taken: Uint8Array, preferences: Preferences): number {
  const { next, skips, weights, credits, heaviest } = preferences;
  const size = table.length;
  let target = 0;
  for (let open = size; open > LAST_SLOTS; target = target + 1 === next.length ? 0 : target + 1) {
    const credit = credits[target]! + weights[target]!;
    credits[target] = credit < heaviest ? credit : credit - heaviest;
    if (credit < heaviest) continue;
    const step = skips[target]! - size;
    let slot = next[target]!;
    while (taken[slot] === 1) {
      slot += step;
      slot += size & (slot >> 31);
    }
    taken[slot] = 1;
    table[slot] = target;
    next[target] = slot;
    open -= 1;
  }
  return target;
}
