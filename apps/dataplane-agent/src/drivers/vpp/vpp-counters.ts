import { canonicalAddress, type NodeListener } from '@signalbox/contracts';
import type { ListenerCounters, TargetCounters } from '../driver.js';
import { vipOf, vipText } from './vip-key.js';
import type { ToldVip } from './vips-text.js';

/** What is not counted: VPP tells packets of a VIP, and no bytes, and of targets nothing but how many flows it remembers. */
const NOT_COUNTED = { bytesIn: 0, bytesOut: 0 } as const;

/**
 * Counters of listeners by what VPP counted: a flow stands as long as VPP remembers it, and a new one is one whose first packet came.
 * Reference maglev 6.9.
 */
export function listenerCounters(
  listeners: readonly NodeListener[],
  told: readonly ToldVip[],
): ListenerCounters[] {
  const byVip = new Map(told.map((vip) => [vipText(vip.key), vip]));
  return listeners.flatMap((listener) => {
    const vip = byVip.get(vipText(vipOf(listener)));
    if (!vip) return [];
    const targets = listener.targets.map(({ address, port }): TargetCounters => ({
      ...{ address, port, connections: vip.flows.get(canonicalAddress(address)) ?? 0 },
      ...{ connectionsTotal: 0, errorsTotal: 0, ...NOT_COUNTED },
    }));
    return [
      {
        listener: listener.name,
        connections: [...vip.flows.values()].reduce((sum, one) => sum + one, 0),
        connectionsTotal: vip.packets.first,
        refusedTotal: vip.packets.noServer,
        ...NOT_COUNTED,
        targets,
      },
    ];
  });
}
