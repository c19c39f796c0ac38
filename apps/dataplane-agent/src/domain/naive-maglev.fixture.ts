import { type NodeTarget } from '@signalbox/contracts';

/**
 * A second, slow Maglev, written after docs/reference/maglev-table.md with nothing of the first: whole preference
 * lists, numbers without a limit, addresses read by a reader of its own.
 */
export function naiveMaglev(
  targets: readonly NodeTarget[],
  size: number,
): { readonly names: readonly string[]; readonly slots: readonly number[] } {
  const weighted = targets.filter(({ weight }) => weight > 0).sort(byPlace);
  const names = weighted.map(({ address, port }) => `${naiveHost(address)}:${port}`);
  const preferences = names.map((name) => {
    const offset = naiveMurmur3(name, 151) % BigInt(size);
    const skip = (naiveMurmur3(name, 152) % BigInt(size - 1)) + 1n;
    return Array.from({ length: size }, (_, j) => Number((offset + BigInt(j) * skip) % BigInt(size)));
  });
  const heaviest = Math.max(...weighted.map(({ weight }) => weight));
  const slots = new Array<number>(size).fill(-1);
  const had = weighted.map(() => 0);
  for (let round = 1; weighted.length > 0; round += 1) {
    for (const [target, { weight }] of weighted.entries()) {
      if (Math.floor((round * weight + Math.floor(heaviest / 2)) / heaviest) <= had[target]!) continue;
      slots[preferences[target]!.find((slot) => slots[slot] === -1)!] = target;
      had[target]! += 1;
      if (!slots.includes(-1)) return { names, slots };
    }
  }
  return { names, slots };
}

/** The slot of a client that is called so. */
export function naiveSlot(client: string, size: number): number {
  return Number(naiveMurmur3(client, 153) % BigInt(size));
}

function byPlace(a: NodeTarget, b: NodeTarget): number {
  const family = Number(a.address.includes(':')) - Number(b.address.includes(':'));
  const [first, second] = [naiveNumber(a.address), naiveNumber(b.address)];
  return family || (first < second ? -1 : first > second ? 1 : a.port - b.port);
}

/** An address as one number. */
function naiveNumber(address: string): bigint {
  const [parts, base] = address.includes(':')
    ? [naiveGroups(address).map((group) => BigInt(`0x${group}`)), 65_536n]
    : [address.split('.').map(BigInt), 256n];
  return parts.reduce((sum, part) => sum * base + part, 0n);
}

function naiveHost(address: string): string {
  return address.includes(':') ? `[${naiveGroups(address).join(':')}]` : address;
}

function naiveGroups(address: string): readonly string[] {
  const [head, tail] = address.toLowerCase().split('::');
  const groups = (text = ''): string[] => (text === '' ? [] : text.split(':'));
  const zeros = new Array<string>(8 - groups(head).length - groups(tail).length).fill('0');
  return [...groups(head), ...(tail === undefined ? [] : zeros), ...groups(tail)].map((group) =>
    group.padStart(4, '0'),
  );
}

function naiveMurmur3(text: string, seed: number): bigint {
  const cut = (value: bigint): bigint => value & 0xffff_ffffn;
  const turned = (value: bigint, by: bigint): bigint => cut(value << by) | (value >> (32n - by));
  const mixed = (word: bigint): bigint => cut(turned(cut(word * 0xcc9e2d51n), 15n) * 0x1b873593n);
  const bytes = [...new TextEncoder().encode(text)].map(BigInt);
  const word = (from: number, to: number): bigint =>
    bytes.slice(from, to).reduceRight((sum, byte) => sum * 256n + byte, 0n);
  let hash = BigInt(seed);
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    hash = cut(turned(hash ^ mixed(word(at, at + 4)), 13n) * 5n + 0xe6546b64n);
  }
  hash ^= mixed(word(at, bytes.length)) ^ BigInt(bytes.length);
  hash = cut((hash ^ (hash >> 16n)) * 0x85ebca6bn);
  hash = cut((hash ^ (hash >> 13n)) * 0xc2b2ae35n);
  return hash ^ (hash >> 16n);
}
