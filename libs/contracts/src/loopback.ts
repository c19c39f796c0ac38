import { isIPv4 } from 'node:net';

/**
 * Whether the host of a URL, as `URL` writes it, is this machine: 127.0.0.0/8, `[::1]`, or `localhost`, which is believed to be one
 * (RFC 6761 section 6.3). No name is looked up.
 */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}
