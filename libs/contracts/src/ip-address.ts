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
