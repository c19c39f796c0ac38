import { readFileSync } from 'node:fs';

/** Most connections of one HAProxy, whatever the system allows: it makes a table for all of them at its start. */
const MOST_CONNECTIONS = 100_000;

/** Files that HAProxy needs besides connections: sockets of its own, pollers of its threads, and two of each listener. */
const OWN_FILES = 200;
const FILES_OF_LISTENER = 2;

/** A connection has a client's side and a target's side. */
const FILES_OF_CONNECTION = 2;

/**
 * Most connections that fit into so many open files. HAProxy does not start when its `maxconn` does not fit (reference
 * load-balancing section 2), and takes more memory than there is when it derives one from a limit of a milliard.
 */
export function connectionsFor(openFiles: number, listeners: number): number {
  const files = openFiles - OWN_FILES - FILES_OF_LISTENER * listeners;
  return Math.min(MOST_CONNECTIONS, Math.max(1, Math.floor(files / FILES_OF_CONNECTION)));
}

/** Files that this process, and one that it starts, may open; undefined where the system does not tell. */
export function openFilesLimit(): number | undefined {
  let limits;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
  const limit = /^Max open files\s+(\S+)/m.exec(limits)?.[1];
  return limit === 'unlimited' ? Infinity : limit === undefined ? undefined : Number(limit);
}
