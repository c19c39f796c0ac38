import { addressKey } from '@signalbox/contracts';

/** Most addresses whose keys are remembered: more than a large node has targets. */
const MOST_KEYS = 100_000;
const KEYS = new Map<string, string>();

/** The same in the order of addresses (reference maglev 5.6). VPP and the balancer tell most lists in it, so that is looked at first. */
export function inAddressOrder<T extends { readonly address: string }>(items: readonly T[]): readonly T[] {
  const isInOrder = items.every(
    ({ address }, at) => at === 0 || orderOf(items[at - 1]!.address) <= orderOf(address),
  );
  if (isInOrder) return items;
  return [...items].sort((a, b) => (orderOf(a.address) < orderOf(b.address) ? -1 : 1));
}

/** Text that sorts as addresses do (`addressKey`); each sync asks for the same ones. */
export function orderOf(address: string): string {
  const known = KEYS.get(address);
  if (known !== undefined) return known;
  if (KEYS.size >= MOST_KEYS) KEYS.clear();
  const key = addressKey(address);
  KEYS.set(address, key);
  return key;
}
