import { createHash } from 'node:crypto';
import type { Place } from './placed-listener.js';

/** Longest name of a section that is written out; a longer one ends with a digest instead. Characters. */
const MOST_CHARACTERS = 120;
const DIGEST_CHARACTERS = 16;

/** Ids of servers: what HAProxy takes, from 1. */
const ID_SPACE = 2 ** 31 - 1;

/**
 * Name of the section of a listener. HAProxy takes letters, digits, `_`, `-`, `.` and `:`; each other byte becomes
 * `:` and two hex digits, as `%` does in URLs, so no two listeners share a name.
 */
export function proxyName(listener: string): string {
  const encoded = Array.from(Buffer.from(listener), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_.-]/.test(character) ? character : `:${byte.toString(16).padStart(2, '0')}`;
  }).join('');
  if (encoded.length <= MOST_CHARACTERS) return encoded;
  // `::` is in no name that is written out
  return `${encoded.slice(0, MOST_CHARACTERS - DIGEST_CHARACTERS - 2)}::${sha256(listener).slice(0, DIGEST_CHARACTERS)}`;
}

/** Between the names of a listener and of its pool: a NUL, which no name holds. A digest may begin like it, but behind a `:`. */
const POOL_MARK = ':00';
const BEFORE_POOL = /^(.*?)(?<!:):00/s;

/** Name of the section of a policy pool of a listener. */
export function poolProxyName(listener: string, pool: string): string {
  return proxyName(listener) + POOL_MARK + proxyName(pool);
}

/** Name of the section of the listener that a section is of: its own, or that of one of its policy pools. */
export function ownerProxy(proxy: string): string {
  return BEFORE_POOL.exec(proxy)?.[1] ?? proxy;
}

/** Name of a server: its place. What follows the last `:` is the port, so addresses of IPv6 need no brackets. */
export function serverName({ address, port }: Place): string {
  return `${address}:${port}`;
}

/**
 * Ids of the servers of one listener, by name. They come from the place and not from the order: HAProxy puts servers on the ring
 * of its consistent hash, and into its tables of clients, by id, so a target that comes or goes must not move the others. Two that
 * hash to one id take the next ones, in the order of names.
 */
export function serverIds(targets: readonly Place[]): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of targets.map(serverName).sort()) {
    let id = 1 + (Number.parseInt(sha256(name).slice(0, 8), 16) % ID_SPACE);
    while (taken.has(id)) id = 1 + (id % ID_SPACE);
    taken.add(id);
    ids.set(name, id);
  }
  return ids;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
