import { addressKey } from '@signalbox/contracts';

/** Most addresses whose keys are remembered: more than a large node has targets. */
const MOST_KEYS = 100_000;
const KEYS = new Map<string, string>();

/** The same in the order of addresses (reference maglev 5.6). VPP and the balancer tell most lists in it, so that is looked at first. */
export function inAddressOrder<T extends { readonly address: string }>(items: readonly T[]): readonly T[] {
  const isInOrder = items.every(
    ({ address }, at) => at === 0 || keyOf(items[at - 1]!.address) <= keyOf(address),
  );
  if (isInOrder) return items;
  return [...items].sort((a, b) => (keyOf(a.address) < keyOf(b.address) ? -1 : 1));
}

/** Each sync asks for the same ones. */
function keyOf(address: string): string {
  const known = KEYS.get(address);
  if (known !== undefined) return known;
  if (KEYS.size >= MOST_KEYS) KEYS.clear();
  const key = addressKey(address);
  KEYS.set(address, key);
  return key;
}
