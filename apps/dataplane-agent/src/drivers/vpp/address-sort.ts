import { addressKey } from '@signalbox/contracts';

/** The same in the order of addresses (reference maglev 5.6). VPP and the balancer tell most lists in it, so that is looked at first. */
export function inAddressOrder<T extends { readonly address: string }>(items: readonly T[]): readonly T[] {
  const keyed = items.map((item) => ({ item, key: addressKey(item.address) }));
  if (keyed.every(({ key }, at) => at === 0 || keyed[at - 1]!.key <= key)) return items;
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}
