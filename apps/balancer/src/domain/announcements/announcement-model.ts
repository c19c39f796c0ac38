import {
  ANNOUNCEMENT_DEFAULTS,
  type AnnounceMethod,
  type AnnouncementSpec,
  canonicalAddress,
  type NodeVip,
  parseDuration,
  type Resource,
  specOf,
  type VipLeadership,
  type VipRoute,
} from '@signalbox/contracts';

/** An Announcement with its defaults filled in. Durations in milliseconds. */
export interface AnnouncementModel extends Pick<
  NodeVip,
  'method' | 'withdrawWithoutTargets' | 'drainMs' | 'interface'
> {
  readonly name: string;
  /** Names of VipPools. */
  readonly vipPools: readonly string[];
  /** Absent: all nodes. */
  readonly nodeGroups?: readonly string[];
  /** Of BGP: names of BgpPeers; absent: all. */
  readonly peers?: readonly string[];
  /** Of BGP: how a VIP is announced, but for the peers. */
  readonly route?: Omit<VipRoute, 'peers'>;
  /** Of methods with leaders, but for what differs from node to node. */
  readonly leadership?: Omit<VipLeadership, 'rank' | 'virtualRouterId'>;
  /** Of vrrp: in the order in which they are written. */
  readonly virtualRouterIds?: readonly number[];
  /** Sets of canonical addresses. */
  readonly apart: readonly (readonly string[])[];
}

/** Whether routers spread clients over all nodes that announce a VIP: no node leads it. */
export function isRouted(method: AnnounceMethod): boolean {
  return method === 'bird' || method === 'gobgp';
}

/** What a valid Announcement comes down to. */
export function announcementModel(announcement: Resource): AnnouncementModel {
  const spec = { ...ANNOUNCEMENT_DEFAULTS, ...specOf<AnnouncementSpec>(announcement) };
  const { method, vipPools, nodeGroups, withdrawWithoutTargets, peers, virtualRouterIds, antiAffinity } =
    spec;
  return {
    name: announcement.metadata.name,
    method,
    vipPools,
    ...(nodeGroups && { nodeGroups }),
    withdrawWithoutTargets,
    drainMs: wholeMs(spec.drainTime),
    interface: spec.interface,
    ...(peers && { peers }),
    ...(isRouted(method) ? { route: routeOf(spec) } : { leadership: leadershipOf(spec) }),
    ...(virtualRouterIds && { virtualRouterIds }),
    apart: (antiAffinity ?? []).map((set) => set.map(canonicalAddress)),
  };
}

function routeOf({ communities, localPref, med }: AnnouncementSpec): Omit<VipRoute, 'peers'> {
  return {
    ...(communities && { communities }),
    ...(localPref !== undefined && { localPref }),
    ...(med !== undefined && { med }),
  };
}

function leadershipOf({
  method,
  preempt,
  leaseTime,
  advertInterval,
}: AnnouncementSpec & Required<Pick<AnnouncementSpec, 'preempt' | 'leaseTime' | 'advertInterval'>>): Omit<
  VipLeadership,
  'rank' | 'virtualRouterId'
> {
  return {
    preempt,
    ...(method === 'address' && { leaseMs: wholeMs(leaseTime) }),
    ...(method === 'vrrp' && { advertMs: wholeMs(advertInterval) }),
  };
}

function wholeMs(duration: string): number {
  return Math.round(parseDuration(duration));
}
