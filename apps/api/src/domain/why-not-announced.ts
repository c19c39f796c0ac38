import type { NodeVipReport } from '@signalbox/contracts';

/** Most nodes that a reason names. */
const NAMED_NODES = 3;

/** What is known of a VIP that is asked about. */
export interface KnownVip {
  /** What nodes say of it, by name of the node. */
  readonly nodes: readonly (Pick<NodeVipReport, 'state' | 'why'> & { readonly node: string })[];
  /** The listeners at it: why no node shall serve one, if none shall. */
  readonly listeners: readonly { readonly name: string; readonly unplaced?: string }[];
  /** The VipPool that it lies in. */
  readonly pool?: string;
  /** Whether an Announcement is for its pool. */
  readonly isToBeAnnounced: boolean;
}

/** Why nobody announces a VIP, in one line; undefined: a node does. ADR 0042. */
export function whyNotAnnounced({ nodes, listeners, pool, isToBeAnnounced }: KnownVip): string | undefined {
  if (nodes.some(({ state }) => state === 'announced')) return undefined;
  if (nodes.length > 0) {
    const named = nodes.slice(0, NAMED_NODES).map(({ node, state, why }) => `${node}: ${why ?? state}`);
    const more = nodes.length - named.length;
    return more > 0 ? `${named.join('; ')}; and ${more} more` : named.join('; ');
  }
  if (pool === undefined) return 'it lies in no VipPool, and nothing else is announced';
  if (!isToBeAnnounced) return `no Announcement is for VipPool/${pool}`;
  if (listeners.length === 0) return 'no listener is at it';
  const unplaced = listeners.find((one) => one.unplaced !== undefined);
  if (unplaced) return `${unplaced.name}: ${unplaced.unplaced}`;
  return 'no node has said anything of it yet';
}
