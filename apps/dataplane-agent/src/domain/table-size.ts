/** Slots of a table for each target: with as many, the shares of equal targets differ by 1 % at most. NSDI 2016, 3.4. */
export const SLOTS_PER_TARGET = 100;

/**
 * Sizes of tables that are not asked for: primes below the powers of four. Few and far apart, because a table of another size
 * moves nearly every client: a pool keeps its size while it grows to four times its targets. ADR 0023.
 */
const TABLE_SIZES = [251, 1_021, 4_093, 16_381, 65_537, 262_139, 1_048_573, 4_194_301] as const;

/** Slots of a table of that many targets: the first size that gives each of them its slots, or the largest. */
export function tableSizeFor(targets: number): number {
  return TABLE_SIZES.find((size) => size >= SLOTS_PER_TARGET * targets) ?? TABLE_SIZES.at(-1)!;
}

/** Fewest slots of a table of `source-hash`: a client is one address here, so that few clients shall move beside those that must. */
const SMALLEST_SOURCE_HASH = 4_093;

/** Slots of a `source-hash` table of that many targets. */
export function sourceHashTableSize(targets: number): number {
  return Math.max(SMALLEST_SOURCE_HASH, tableSizeFor(targets));
}

/** Why a table is too small for its targets; undefined when it is not. */
export function tableSizeWarning(size: number, targets: number): string | undefined {
  if (size >= SLOTS_PER_TARGET * targets) return undefined;
  return (
    `the table of ${size} slots is small for ${targets} targets: their shares differ, and more clients than needed ` +
    `move when one leaves; give it ${tableSizeFor(targets)} or more (${SLOTS_PER_TARGET} a target)`
  );
}
