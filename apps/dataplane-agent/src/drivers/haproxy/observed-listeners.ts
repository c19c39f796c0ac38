import type { ObservedListener } from '../driver.js';
import { rowsByProxy, type ServerRow } from './answers.js';
import { proxyName, serverName } from './haproxy-names.js';
import { comparePlaces, type PlacedListener } from './placed-listener.js';

/**
 * Listeners as HAProxy serves them: what only a reload changes from the file that it runs, servers and weights as it has
 * them. A server in maintenance that is in no file is on its way out, and not told.
 */
export function observedListeners(
  listeners: readonly PlacedListener[],
  rows: readonly ServerRow[],
): ObservedListener[] {
  const byProxy = rowsByProxy(rows);
  return listeners.map((listener) => {
    const { name, address, protocol, port, algorithm, listensAt } = listener;
    const wanted = new Set(listener.targets.map(serverName));
    const targets = (byProxy.get(proxyName(name)) ?? [])
      .filter((row) => wanted.has(row.server) || !row.isMaintained)
      .map((row) => ({
        address: row.address,
        port: row.port,
        weight: row.isMaintained || row.isDrained ? 0 : row.weight,
      }))
      .sort((a, b) => comparePlaces(a, b));
    return { name, address, protocol, port, algorithm, listensAt, targets };
  });
}
