import { type NodeTarget } from '@signalbox/contracts';
import fc from 'fast-check';

/** Targets 10.0.0.1:80, 10.0.0.2:80, … of those weights. */
export function targetsOf(...weights: readonly number[]): readonly NodeTarget[] {
  return weights.map((weight, index) => ({
    address: `10.0.${(index + 1) >> 8}.${(index + 1) & 255}`,
    port: 80,
    weight,
    flushes: 0,
  }));
}

/** So many targets of one weight. */
export function equalTargets(count: number, weight = 100): readonly NodeTarget[] {
  return targetsOf(...new Array<number>(count).fill(weight));
}

/** How often each index up to `count` is in a list. */
export function tally(indices: Iterable<number | undefined>, count: number): readonly number[] {
  const counts = new Array<number>(count).fill(0);
  for (const index of indices) if (index !== undefined) counts[index]! += 1;
  return counts;
}

/** Clients 198.18.0.0:1024, …, each address with one port. */
export function clientsOf(count: number): readonly { readonly address: string; readonly port: number }[] {
  return Array.from({ length: count }, (_, n) => ({
    address: `198.18.${n >> 8}.${n & 255}`,
    port: 1024 + ((n * 7919) % 60_000),
  }));
}

const ipv4 = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 255 }));
const ipv6 = fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 0xffff }));
const ADDRESS = fc.oneof(
  ipv4.map(([third, fourth]) => `192.0.${third}.${fourth}`),
  ipv6.map(([group, last]) => `2001:db8:${group}::${last.toString(16)}`),
);

/** Any targets at places that differ, in any order. */
export const ANY_TARGETS: fc.Arbitrary<readonly NodeTarget[]> = fc.uniqueArray(
  fc.record({
    address: ADDRESS,
    port: fc.constantFrom(80, 443, 18_001),
    weight: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: 100 })),
    flushes: fc.constant(0),
  }),
  { maxLength: 12, selector: ({ address, port }) => `${address} ${port}` },
);
