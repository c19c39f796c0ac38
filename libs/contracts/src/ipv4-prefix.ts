import { isIPv4 } from 'node:net';

/** An IPv4 network: its first address as a number, and how many leading bits are fixed. */
export interface Ipv4Prefix {
  readonly network: number;
  readonly bits: number;
}

/** Reads `a.b.c.d/len` (0-32, host bits are dropped), or undefined when the text is not an IPv4 prefix. */
export function parseIpv4Prefix(text: string): Ipv4Prefix | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isIPv4(address) || !/^(?:\d|[12]\d|3[0-2])$/.test(length)) return undefined;
  const bits = Number(length);
  return { network: masked(numberOf(address), bits), bits };
}

/** Whether one network lies inside another (or is the same). */
export function containsPrefix(outer: Ipv4Prefix, inner: Ipv4Prefix): boolean {
  return inner.bits >= outer.bits && masked(inner.network, outer.bits) === outer.network;
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

function masked(address: number, bits: number): number {
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) * size;
}
