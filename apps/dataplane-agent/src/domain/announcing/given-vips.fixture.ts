import { digestOf, type NodeAnnouncements, type NodeListener, type NodeVip } from '@signalbox/contracts';
import type { Desired } from '../desired.js';
import { desired, given } from '../given-node.fixture.js';

/** A VIP of the listener `web`, to be told to one router. */
export function vip(
  address: string,
  listeners: readonly string[] = ['web'],
  over: Partial<NodeVip> = {},
): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'bird', listeners, interface: 'lo' },
    ...{ withdrawWithoutTargets: true, drainMs: 5000, route: { peers: ['tor-a'] } },
    ...over,
  };
}

/** A listener at a VIP, with one target of a weight. */
export function at(address: string, name = 'web', weight = 100, port = 80): NodeListener {
  return { ...given(name, [8080, weight]), address, port };
}

/** A state that announces VIPs. */
export function announcing(
  generation: number,
  vips: readonly NodeVip[],
  listeners: readonly NodeListener[],
  over: Partial<NodeAnnouncements> = {},
): Desired {
  const announcements = { prefixes: ['192.0.2.0/24'], peers: [], vips, ...over };
  return { ...desired(generation, ...listeners), announcements };
}

/** A listener as it goes on while its VIP leaves. */
export function held(listener: NodeListener): { readonly listener: NodeListener; readonly digest: string } {
  return { listener, digest: digestOf(listener) };
}
