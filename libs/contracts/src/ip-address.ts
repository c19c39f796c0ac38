import { isIP } from 'node:net';

/** What the data plane tells addresses apart by. */
export type AddressFamily = 'ipv4' | 'ipv6';

/** Family of an address literal without a zone, or undefined when the text is not one. */
export function familyOf(address: string): AddressFamily | undefined {
  const version = address.includes('%') ? 0 : isIP(address);
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined;
}

/** One spelling for each IPv6 address (RFC 5952 letters and zeros); any other text in lower case. */
export function canonicalAddress(address: string): string {
  return familyOf(address) === 'ipv6'
    ? new URL(`http://[${address}]`).hostname.slice(1, -1)
    : address.toLowerCase();
}

const MAPPED = /^::ffff:[0-9a-f]+:[0-9a-f]+$/;
const NO_HOST: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['no address of a host: who connects to it reaches itself', /^(?:0\.|::$)/],
  ['a multicast address', /^(?:22[4-9]|23\d)\.|^ff[0-9a-f]{2}:/],
  ['the broadcast address', /^255\.255\.255\.255$/],
];

/**
 * Why an address cannot be the one of a host, or undefined when it can (or is no address at all): 0.0.0.0/8 and `::`,
 * multicast, broadcast, and IPv4 written as IPv6, which is of neither family. RFC 6890.
 */
export function hostAddressProblem(address: string): string | undefined {
  const text = canonicalAddress(address);
  if (familyOf(address) === 'ipv6' && MAPPED.test(text))
    return 'is an IPv4 address written as IPv6: write the IPv4 address';
  const found = familyOf(address) && NO_HOST.find(([, pattern]) => pattern.test(text));
  return found && `is ${found[0]}`;
}
