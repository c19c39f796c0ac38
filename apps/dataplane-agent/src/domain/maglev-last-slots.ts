import { type Preferences } from './maglev-preferences.js';

/**
 * Fills the slots of a table that are not taken, `first` having the first turn. Each target gets the slot that stepping
 * along its preferences would find: slot `s` is (s - next) / skip steps away, all modulo the size of the table.
 */
export function fillLastSlots(
  table: Int32Array,
  taken: Uint8Array,
  preferences: Preferences,
  first: number,
): void {
  const { next, skips, weights, credits, heaviest } = preferences;
  const inverses = new Float64Array(next.length);
  const open = openSlots(taken);
  for (let target = first; open.length > 0; target = target + 1 === next.length ? 0 : target + 1) {
    const credit = credits[target]! + weights[target]!;
    credits[target] = credit < heaviest ? credit : credit - heaviest;
    if (credit < heaviest) continue;
    const inverse = (inverses[target] ||= inverseOf(skips[target]!, table.length));
    const nearest = nearestOf(open, next[target]!, inverse, table.length);
    table[open[nearest]!] = target;
    open[nearest] = open.at(-1)!;
    open.pop();
  }
}

function openSlots(taken: Uint8Array): number[] {
  const open: number[] = [];
  for (let slot = taken.indexOf(0); slot !== -1; slot = taken.indexOf(0, slot + 1)) open.push(slot);
  return open;
}

/** Index in `open` of the slot that is fewest steps away from `next`. */
function nearestOf(open: readonly number[], next: number, inverse: number, size: number): number {
  let nearest = 0;
  let fewest = size;
  for (let index = 0; index < open.length; index += 1) {
    const ahead = open[index]! - next;
    const product = (ahead + (size & (ahead >> 31))) * inverse;
    const steps = product - Math.floor(product / size) * size;
    if (steps < fewest) {
      fewest = steps;
      nearest = index;
    }
  }
  return nearest;
}

/** What makes 1 of `value` when it is multiplied by it, modulo a prime; the extended algorithm of Euclid. */
function inverseOf(value: number, prime: number): number {
  let [rest, smaller] = [prime, value];
  let [factor, smallerFactor] = [0, 1];
  while (smaller !== 0) {
    const quotient = Math.floor(rest / smaller);
    [rest, smaller] = [smaller, rest - quotient * smaller];
    [factor, smallerFactor] = [smallerFactor, factor - quotient * smallerFactor];
  }
  return factor < 0 ? factor + prime : factor;
}
