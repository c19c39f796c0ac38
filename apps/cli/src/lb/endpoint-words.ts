import { familyOf } from '@signalbox/contracts';
import { usageFailure } from '../failure.js';

/** An address and a port as people write them: `192.0.2.1:80`, `[2001:db8::1]:80`. */
export interface WrittenEndpoint {
  readonly address: string;
  readonly port: number;
}

/** In the place of an address: one that the site hands out. */
const AUTO = 'auto:';

const ENDPOINT = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/;

/** Throws a usage failure that names `next`. */
export function readEndpoint(text: string, next: string): WrittenEndpoint {
  const [, bracketed, plain, digits] = ENDPOINT.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  const port = Number(digits);
  const family = familyOf(address);
  if (family === undefined || (family === 'ipv6') !== (bracketed !== undefined) || !isPort(port))
    throw usageFailure(
      `"${text}" is not an address and a port: write 192.0.2.1:80 or [2001:db8::1]:80`,
      next,
    );
  return { address, port };
}

/** `address:port`, or `auto:port`, which names no address. */
export function readVip(
  text: string,
  next: string,
): { readonly address: string | undefined; readonly port: number } {
  if (!text.startsWith(AUTO)) return readEndpoint(text, next);
  const digits = text.slice(AUTO.length);
  const port = Number(digits);
  if (!/^\d{1,5}$/.test(digits) || !isPort(port))
    throw usageFailure(`"${text}" names no port: write auto:80`, next);
  return { address: undefined, port };
}

/** `name=address:port`; without a name it is the n-th of its load balancer. */
export function readBackend(
  text: string,
  otherwise: string,
  next: string,
): WrittenEndpoint & { readonly name: string } {
  const at = text.indexOf('=');
  const name = at === -1 ? otherwise : text.slice(0, at);
  if (name === '') throw usageFailure(`"${text}" has no name before the =`, next);
  return { name, ...readEndpoint(text.slice(at + 1), next) };
}

/** `tcp`, `http` or `http:/path`. */
export function readCheck(
  text: string,
  next: string,
): { readonly type: 'tcp' } | { readonly type: 'http'; readonly path: string } {
  if (text === 'tcp') return { type: 'tcp' };
  const match = /^http(?::(\/.*))?$/.exec(text);
  if (match) return { type: 'http', path: match[1] ?? '/' };
  throw usageFailure(`"${text}" is not a check: write tcp, http or http:/path`, next);
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}
