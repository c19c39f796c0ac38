import type { AnnouncementModel } from './announcement-model.js';
import { type Led, leaderRanks } from './leader-ranks.js';
import { missingAt, type ServedVip } from './served-vips.js';
import { spread } from './spread.js';

/** Who leads a VIP. */
export interface VipLeaders {
  /** Nodes in the order in which they lead. */
  readonly nodes: readonly string[];
  readonly virtualRouterId?: number;
}

/**
 * The leaders of the VIPs of an Announcement, by address. With `vrrp` each VIP is of one virtual router, and those of one have the same leaders.
 * `nodes`: those that may announce, sorted. Nodes that do not serve all of what is led come behind those that do.
 */
export function vipLeaders(
  { virtualRouterIds, apart }: AnnouncementModel,
  vips: readonly ServedVip[],
  nodes: readonly string[],
  zoneOf: (node: string) => string,
): ReadonlyMap<string, VipLeaders> {
  if (!virtualRouterIds) {
    const led = vips.map((vip): Led => ({ name: vip.address, nodes: able([vip], nodes) }));
    const ranks = leaderRanks(led, apart, zoneOf);
    return new Map(
      vips.map(({ address }) => [address, { nodes: withOthers(ranks.get(address) ?? [], nodes) }]),
    );
  }
  const ids = virtualRouterIds.map(String);
  const routers = spread(
    vips.map(({ address }) => ({ name: address, places: ids })),
    apart,
  );
  const ofRouter = (id: string): ServedVip[] => vips.filter(({ address }) => routers.get(address) === id);
  const led = ids.map((name): Led => ({ name, nodes: able(ofRouter(name), nodes) }));
  const routersApart = apart.map((set) => [...new Set(set.flatMap((address) => routers.get(address) ?? []))]);
  const ranks = leaderRanks(led, routersApart, zoneOf);
  return new Map(
    vips.map(({ address }) => {
      const id = routers.get(address)!;
      return [address, { nodes: withOthers(ranks.get(id) ?? [], nodes), virtualRouterId: Number(id) }];
    }),
  );
}

/** Nodes that serve everything at all of these VIPs. */
function able(vips: readonly ServedVip[], nodes: readonly string[]): string[] {
  return nodes.filter((node) => vips.every((vip) => missingAt(vip, node).length === 0));
}

function withOthers(ranked: readonly string[], nodes: readonly string[]): string[] {
  const named = new Set(ranked);
  return [...ranked, ...nodes.filter((node) => !named.has(node))];
}
