import { canonicalAddress, familyOf } from '../../ip-address.js';

/** Where a backend serves. spec/balance "Resources". */
export interface Endpoint {
  /** An IP address. */
  readonly address: string;
  /** 1-65535; absent: the port of the VIP. */
  readonly port?: number;
}

/** Whether both are one place, however their addresses are spelled. */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && canonicalAddress(a.address) === canonicalAddress(b.address);
}

/** One text for each place: `192.0.2.1`, `192.0.2.1:8080`, `[2001:db8::1]:8080`. */
export function endpointText({ address, port }: Endpoint): string {
  const text = canonicalAddress(address);
  if (port === undefined) return text;
  return familyOf(text) === 'ipv6' ? `[${text}]:${port}` : `${text}:${port}`;
}

/** The endpoint among the fields of something, and nothing else of it. */
export function endpointOf({ address, port }: Endpoint): Endpoint {
  return { address, ...(port !== undefined && { port }) };
}
