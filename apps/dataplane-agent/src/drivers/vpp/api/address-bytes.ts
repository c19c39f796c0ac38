import { canonicalAddress, familyOf } from '@signalbox/contracts';

const IPV6_BYTES = 16;

/** The bytes of an address, 4 or 16; undefined for what is none. */
export function addressBytes(text: string): Uint8Array | undefined {
  const family = familyOf(text);
  if (family === undefined) return undefined;
  if (family === 'ipv4') return Uint8Array.from(text.split('.'), Number);
  const [head = [], tail = []] = canonicalAddress(text)
    .split('::')
    .map((side) => side.split(':').filter((group) => group !== ''));
  const groups = [...head, ...Array<string>(IPV6_BYTES / 2 - head.length - tail.length).fill('0'), ...tail];
  return Uint8Array.from(
    groups.flatMap((group) => {
      const value = parseInt(group, 16);
      return [value >> 8, value & 0xff];
    }),
  );
}

/** The IPv4 address that lies there. */
export function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** The IPv6 address that lies there, as {@link canonicalAddress} spells it. RFC 5952. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let offset = at; offset < at + IPV6_BYTES; offset += 2)
    groups.push(((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0));
  const { from, length } = longestZeros(groups);
  const texts = groups.map((group) => group.toString(16));
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, from).join(':')}::${texts.slice(from + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): { readonly from: number; readonly length: number } {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
    from += length;
  }
  return best;
}
