import {
  compareAddresses,
  isInGroups,
  type ListenerModel,
  type NodeAnnouncements,
  type NodeSettings,
  type NodeVip,
  type VipPoolIndex,
  type VipPoolModel,
} from '@signalbox/contracts';
import { type AnnouncementModel, isRouted } from './announcement-model.js';
import type { PeerModel } from './peer-model.js';
import { rangePrefixes } from './range-prefixes.js';
import { missingAt, type ServedVip, servedVips } from './served-vips.js';
import { type VipLeaders, vipLeaders } from './vip-leaders.js';

/** Most listeners that a reason names. */
const NAMED_LISTENERS = 3;

/** What announcements follow from. */
export interface AnnounceInputs {
  /** Sorted by name. */
  readonly announcements: readonly AnnouncementModel[];
  /** Sorted by name. */
  readonly peers: readonly PeerModel[];
  readonly pools: VipPoolIndex;
  /** Sorted by name. */
  readonly nodes: readonly NodeSettings[];
  /** In any order. */
  readonly listeners: Iterable<ListenerModel>;
}

/** An Announcement with what it comes down to on the nodes that do it. */
interface Announced {
  readonly model: AnnouncementModel;
  readonly pools: readonly VipPoolModel[];
  /** In the order of addresses. */
  readonly vips: readonly ServedVip[];
  /** By address; empty where routers spread clients. */
  readonly leaders: ReadonlyMap<string, VipLeaders>;
}

/**
 * What each node shall announce, by its name; nodes with nothing to announce are not named. Equal input gives equal output, in whatever
 * order it comes. Whether a node is drained is not asked here: its place among the leaders stays, so that nothing moves on other nodes.
 * ADR 0042, ADR 0045.
 */
export function planAnnouncements(inputs: AnnounceInputs): ReadonlyMap<string, NodeAnnouncements> {
  const { announcements, nodes, pools } = inputs;
  const vips = [...servedVips(inputs.listeners, nodes).values()].sort(byKey);
  const announced = announcements.map((model) => announcedBy(model, vips, pools, nodes));
  return new Map(
    nodes.flatMap((node) => {
      const own = announced.filter(({ model }) => isInGroups(node, model.nodeGroups));
      return own.length === 0 ? [] : [[node.name, nodeAnnouncements(node, own, inputs.peers)]];
    }),
  );
}

function announcedBy(
  model: AnnouncementModel,
  vips: readonly ServedVip[],
  index: VipPoolIndex,
  nodes: readonly NodeSettings[],
): Announced {
  const pools = model.vipPools.flatMap((name) => index.get(name) ?? []);
  const own = vips.filter(({ address }) => pools.some((pool) => pool === index.poolOf(address)));
  if (isRouted(model.method)) return { model, pools, vips: own, leaders: new Map() };
  const meant = nodes.filter((node) => isInGroups(node, model.nodeGroups));
  const zones = new Map(meant.map(({ name, zone }) => [name, zone === undefined ? `Node/${name}` : zone]));
  const leading = meant.map(({ name }) => name);
  return { model, pools, vips: own, leaders: vipLeaders(model, own, leading, (node) => zones.get(node)!) };
}

function nodeAnnouncements(
  node: NodeSettings,
  announced: readonly Announced[],
  peers: readonly PeerModel[],
): NodeAnnouncements {
  const near = peers.filter(({ nodeGroups }) => isInGroups(node, nodeGroups)).map(({ peer }) => peer);
  const speaksTo = ({ method, peers: named }: AnnouncementModel): string[] =>
    isRouted(method) ? near.map(({ name }) => name).filter((name) => named?.includes(name) ?? true) : [];
  const used = new Set(announced.flatMap(({ model }) => speaksTo(model)));
  const byAddress = new Map<string, { readonly key: string; readonly vip: NodeVip }>();
  for (const one of announced) {
    const to = speaksTo(one.model);
    for (const served of one.vips) {
      const vip = nodeVip(node, one, served, to);
      if (vip && !byAddress.has(vip.address)) byAddress.set(vip.address, { key: served.key, vip });
    }
  }
  const pools = new Set(announced.flatMap((one) => one.pools));
  return {
    ...(node.routerId !== undefined && { routerId: node.routerId }),
    prefixes: prefixesOf([...pools]),
    peers: near.filter(({ name }) => used.has(name)),
    vips: [...byAddress.values()].sort(byKey).map(({ vip }) => vip),
  };
}

/** Undefined: the node serves nothing at the VIP. */
function nodeVip(
  { name: node }: NodeSettings,
  { model, leaders }: Announced,
  vip: ServedVip,
  peers: readonly string[],
): NodeVip | undefined {
  const listeners = vip.byNode.get(node);
  if (!listeners) return undefined;
  const { name: announcement, method, withdrawWithoutTargets, drainMs, route, leadership } = model;
  const { nodes = [], virtualRouterId } = leaders.get(vip.address) ?? {};
  const barred = whyBarred(model, vip, node, peers);
  return {
    address: vip.address,
    announcement,
    method,
    listeners,
    withdrawWithoutTargets,
    drainMs,
    interface: model.interface,
    ...(route && peers.length > 0 && { route: { peers, ...route } }),
    ...(leadership && {
      leadership: {
        rank: nodes.indexOf(node),
        ...leadership,
        ...(virtualRouterId !== undefined && { virtualRouterId }),
      },
    }),
    ...(barred !== undefined && { barred }),
  };
}

function whyBarred(
  { name, method }: AnnouncementModel,
  vip: ServedVip,
  node: string,
  peers: readonly string[],
): string | undefined {
  const missing = missingAt(vip, node);
  if (missing.length > 0) {
    const named = missing.slice(0, NAMED_LISTENERS).join(', ');
    const more = missing.length > NAMED_LISTENERS ? ` and ${missing.length - NAMED_LISTENERS} more` : '';
    return `the node does not serve ${named}${more} at this address, and routers know no ports`;
  }
  if (!isRouted(method) || peers.length > 0) return undefined;
  return `no BgpPeer of Announcement/${name} is for this node`;
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** Pools do not overlap, so neither do their prefixes. */
function prefixesOf(pools: readonly VipPoolModel[]): string[] {
  return pools
    .flatMap(({ ranges }) => ranges.flatMap(rangePrefixes))
    .map((prefix) => ({ prefix, address: prefix.slice(0, prefix.indexOf('/')) }))
    .sort((a, b) => compareAddresses(a.address, b.address))
    .map(({ prefix }) => prefix);
}
