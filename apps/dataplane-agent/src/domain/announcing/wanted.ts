import type { AnnounceMethod, NodeVip } from '@signalbox/contracts';
import type { WantedAnnouncements } from '../../announcers/announcer.js';
import type { Desired } from '../desired.js';

/**
 * What the announcer of a method is told. Its sessions are those with the peers of all VIPs of the method, also of those that the node
 * is not ready for: what is withdrawn ends no session.
 */
export function wantedOf(
  method: AnnounceMethod,
  { state, announcements }: Desired,
  wished: readonly NodeVip[],
): WantedAnnouncements {
  const mine = announcements?.vips.filter((vip) => vip.method === method) ?? [];
  const names = new Set(mine.flatMap(({ route }) => route?.peers ?? []));
  return {
    node: state.node,
    ...(announcements?.routerId !== undefined && { routerId: announcements.routerId }),
    prefixes: announcements?.prefixes ?? [],
    peers: announcements?.peers.filter(({ name }) => names.has(name)) ?? [],
    vips: wished.filter((vip) => vip.method === method),
  };
}
