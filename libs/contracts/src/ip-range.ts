import { addressKey } from './address-order.js';
import { type AddressFamily, canonicalAddress, familyOf } from './ip-address.js';

/** Addresses that follow each other, both ends included. */
export interface IpRange {
  readonly family: AddressFamily;
  /** As numbers, see {@link addressValue}. */
  readonly first: bigint;
  readonly last: bigint;
  /** Bits of the prefix, of what was written as one. */
  readonly prefix?: number;
}

const BITS = { ipv4: 32, ipv6: 128 } as const;
const GROUP_BITS = 16n;
const GROUPS = 8;

/** An IPv4 or IPv6 address without a zone as the number that it is. */
export function addressValue(address: string): bigint {
  const [, hex = '0'] = addressKey(address).split(' ');
  return BigInt(`0x${hex}`);
}

/** The address of a number in its canonical spelling (RFC 5952). `value`: below 2^32 or 2^128. */
export function addressText(family: AddressFamily, value: bigint): string {
  if (family === 'ipv4') return ipv4Text(Number(value));
  const groups = parts(value, GROUPS, GROUP_BITS).map((group) => group.toString(16));
  return canonicalAddress(groups.join(':'));
}

/**
 * Reads `192.0.2.0/24`, `2001:db8::/64`, `192.0.2.10-192.0.2.20` or one address. What is wrong with the text is
 * returned as a text for people.
 */
export function readIpRange(text: string): IpRange | string {
  const [from = '', to, ...more] = text.split('-');
  if (more.length > 0) return EXPECTED;
  return to === undefined ? readPrefix(from) : readSpan(from.trim(), to.trim());
}

/** As {@link readIpRange}, but what stands behind a prefix is dropped: `10.0.0.5/8` is 10.0.0.0/8. Undefined: no such text. */
export function networkOf(text: string): IpRange | undefined {
  const range = text.includes('-') ? readIpRange(text) : readPrefix(text, 'dropped');
  return typeof range === 'string' ? undefined : range;
}

/** Whether an address lies in a range; its family has to be the one of the range. */
export function holds({ first, last }: IpRange, value: bigint): boolean {
  return first <= value && value <= last;
}

const EXPECTED =
  'must be a prefix such as 192.0.2.0/24 or 2001:db8::/64, a range such as 192.0.2.10-192.0.2.20, or an address';

function readPrefix(text: string, behind: 'refused' | 'dropped' = 'refused'): IpRange | string {
  const [address = '', length, ...more] = text.split('/');
  const family = familyOf(address);
  if (!family || more.length > 0) return EXPECTED;
  const bits = BITS[family];
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > bits))
    return `has a prefix length that is not 0 to ${bits}`;
  const prefix = length === undefined ? bits : Number(length);
  const value = addressValue(address);
  const size = 1n << BigInt(bits - prefix);
  const first = value - (value % size);
  if (first !== value && behind === 'refused')
    return `has bits behind its prefix: write ${addressText(family, first)}/${prefix}`;
  return { family, first, last: first + size - 1n, prefix };
}

function readSpan(from: string, to: string): IpRange | string {
  const family = familyOf(from);
  if (!family || familyOf(to) !== family) return EXPECTED;
  const [first, last] = [addressValue(from), addressValue(to)];
  return first <= last ? { family, first, last } : 'ends before it begins';
}

function ipv4Text(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/** The highest first. */
function parts(value: bigint, count: number, bits: bigint): bigint[] {
  return Array.from({ length: count }, (_, at) => {
    const shift = bits * BigInt(count - 1 - at);
    return (value >> shift) & ((1n << bits) - 1n);
  });
}
