import type { ListenerCounters } from '../driver.js';
import { flowKey } from './conntrack-entry.js';
import type { NftLedger } from './nft-ledger.js';
import type { NftListener } from './nft-listener.js';
import { COUNTER_KINDS, type CounterKind, listenerId, refusedCounter, targetCounter } from './nft-names.js';

/** Counters of a listener. Bytes are those of packets, with all their headers. `standing`: flows by `flowKey`. */
export function nftCounters(
  listener: NftListener,
  ledger: NftLedger,
  standing: ReadonlyMap<string, number>,
): ListenerCounters {
  const id = listenerId(listener);
  const targets = listener.targets.map((target) => {
    const total = (kind: CounterKind) => ledger.total(targetCounter(kind, id, target));
    return {
      address: target.address,
      port: target.port,
      connections: standing.get(flowKey(listener.protocol, listener.listensAt, target)) ?? 0,
      connectionsTotal: total('flows').packets,
      errorsTotal: total('failures').packets,
      bytesIn: total('fromClients').bytes,
      bytesOut: total('toClients').bytes,
    };
  });
  const sum = (kind: CounterKind) => ledger.sum(`${COUNTER_KINDS[kind]}_${id}`);
  return {
    listener: listener.name,
    connections: targets.reduce((all, { connections }) => all + connections, 0),
    connectionsTotal: sum('flows').packets,
    refusedTotal: ledger.total(refusedCounter(id)).packets,
    bytesIn: sum('fromClients').bytes,
    bytesOut: sum('toClients').bytes,
    targets,
  };
}

/** Names of all counters that listeners have. */
export function counterNames(listeners: readonly NftListener[]): ReadonlySet<string> {
  const kinds = Object.keys(COUNTER_KINDS) as CounterKind[];
  return new Set(
    listeners.flatMap((listener) => {
      const id = listenerId(listener);
      const own = listener.targets.flatMap((target) => kinds.map((kind) => targetCounter(kind, id, target)));
      return [refusedCounter(id), ...own];
    }),
  );
}
