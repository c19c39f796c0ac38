import { addressText, type IpRange } from '@signalbox/contracts';

const BITS = { ipv4: 32, ipv6: 128 } as const;

/** The fewest prefixes that hold exactly the addresses of a range, in their order: at most 62 of IPv4, 254 of IPv6. */
export function rangePrefixes({ family, first, last }: IpRange): string[] {
  const bits = BITS[family];
  const prefixes: string[] = [];
  for (let from = first; from <= last;) {
    let free = 0;
    while (free < bits && isWhole(from, free + 1, last)) free += 1;
    prefixes.push(`${addressText(family, from)}/${bits - free}`);
    from += 1n << BigInt(free);
  }
  return prefixes;
}

/** Whether a prefix with so many free bits begins here, and ends within the range. */
function isWhole(from: bigint, free: number, last: bigint): boolean {
  const size = 1n << BigInt(free);
  return from % size === 0n && from + size - 1n <= last;
}
