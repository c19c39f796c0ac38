/** A source of numbers that one seed repeats. */
export interface SeededRandom {
  readonly seed: number;
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number, from ≤ x ≤ to. */
  between(from: number, to: number): number;
  /** `count` different whole numbers from `from` to `to`, ascending. */
  points(count: number, from: number, to: number): number[];
}

/** mulberry32 with SIGNALBOX_SEED, else a new seed. The seed goes to stderr, so that a failure can be repeated. */
export function seededRandom(what: string): SeededRandom {
  const seed = Number(process.env['SIGNALBOX_SEED'] ?? Date.now() % 1_000_000_007);
  process.stderr.write(`${what}: SIGNALBOX_SEED=${seed}\n`);
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const points = (count: number, from: number, to: number): number[] => {
    const chosen = new Set<number>();
    while (chosen.size < count) chosen.add(between(from, to));
    return [...chosen].sort((a, b) => a - b);
  };
  return { seed, next, between, points };
}
