import type { ObservedListener, ObservedPool, ObservedTarget } from '../driver.js';
import { rowsByProxy, type ServerRow } from './answers.js';
import { serverName } from './haproxy-names.js';
import { comparePlaces, type PlacedListener } from './placed-listener.js';
import { type ServerGroup, serverGroups } from './server-group.js';

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
    const [own, ...pools] = serverGroups(listener).map((group): ObservedPool => ({
      name: group.pool ?? name,
      algorithm: group.algorithm,
      targets: observedTargets(group, byProxy.get(group.proxy) ?? []),
    }));
    return {
      ...{ name, address, protocol, port, algorithm, listensAt, targets: own!.targets },
      ...(pools.length > 0 && { policyPools: pools }),
    };
  });
}

function observedTargets({ targets }: ServerGroup, rows: readonly ServerRow[]): ObservedTarget[] {
  const wanted = new Set(targets.map(serverName));
  return rows
    .filter((row) => wanted.has(row.server) || !row.isMaintained)
    .map((row) => ({
      address: row.address,
      port: row.port,
      weight: row.isMaintained || row.isDrained ? 0 : row.weight,
    }))
    .sort((a, b) => comparePlaces(a, b));
}
