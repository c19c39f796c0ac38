/**
 * Typed specs of the kinds that bring VIPs onto the network; the JSON Schemas beside the kinds accept exactly these shapes.
 * Durations are Go duration strings. ADR 0042, reference load-balancing sections 5 and 8.
 */

/**
 * How routers or hosts learn where a VIP is. `bird`, `gobgp`: every ready node announces it by BGP, and routers spread clients (ECMP).
 * `vrrp`, `address`: one node at a time has it on an interface, its leader.
 */
export const ANNOUNCE_METHODS = ['bird', 'gobgp', 'vrrp', 'address'] as const;
export type AnnounceMethod = (typeof ANNOUNCE_METHODS)[number];

/** Which VIPs are announced how, and by whom. */
export interface AnnouncementSpec {
  /** `bird`, `gobgp`: to routers by BGP, from every node. `vrrp`, `address`: one leader for each VIP, without routers. */
  readonly method: AnnounceMethod;
  /** VipPools; every VIP that lies in one of them. What lies in no pool is never announced. */
  readonly vipPools: readonly string[];
  /** Only nodes of these groups; absent: every node that serves the VIP. */
  readonly nodeGroups?: readonly string[];
  /** A node without a usable target for a VIP withdraws it; default true. */
  readonly withdrawWithoutTargets?: boolean;
  /** How long a node goes on to serve a VIP that it no longer announces, default 5s. */
  readonly drainTime?: string;
  /** bird, gobgp: BgpPeers; absent: all of them. */
  readonly peers?: readonly string[];
  /** bird, gobgp: `65000:100`, or `65000:1:2` for a large one (RFC 8092), or a well-known name such as `no-export`. */
  readonly communities?: readonly string[];
  /** bird, gobgp: local preference, for peers of the own AS. 0-4294967295. */
  readonly localPref?: number;
  /** bird, gobgp: MED (metric), 0-4294967295. */
  readonly med?: number;
  /** vrrp, address: where the leader has the VIP; required. bird, gobgp: where each node has it, default `lo`. */
  readonly interface?: string;
  /** address: how long a leader may be silent before another node takes over, default 10s. */
  readonly leaseTime?: string;
  /** vrrp: one virtual router for each, 1-255; VIPs are spread over them. Required. */
  readonly virtualRouterIds?: readonly number[];
  /** vrrp: between two advertisements, default 1s; whole hundredths of a second. */
  readonly advertInterval?: string;
  /** vrrp, address: a node that comes back takes over what it leads by preference; default false. */
  readonly preempt?: boolean;
  /** vrrp, address: VIPs that shall have different leaders, in different zones if there are; each list is one set. */
  readonly antiAffinity?: readonly (readonly string[])[];
}

/** A router to which nodes announce. */
export interface BgpPeerSpec {
  /** Address of the router. */
  readonly address: string;
  /** AS number of the peer, 1-4294967295. */
  readonly asn: number;
  /** AS number of the nodes. */
  readonly localAsn: number;
  /** Default 179. */
  readonly port?: number;
  /** Address that nodes speak from; absent: as the route has it. */
  readonly localAddress?: string;
  /** Only nodes of these groups speak to it; absent: all. */
  readonly nodeGroups?: readonly string[];
  /** Default 90s; whole seconds, at least 3s. */
  readonly holdTime?: string;
  /** Default a third of `holdTime`; whole seconds. */
  readonly keepaliveTime?: string;
  /** Between tries to connect, default 5s; whole seconds. */
  readonly connectTime?: string;
  /** File on each node with the password of the session (TCP MD5). */
  readonly passwordFile?: string;
  /** Hops to the peer, when it is not on a segment of the node; 2-255. */
  readonly multihop?: number;
  /** BfdProfile: the session ends as soon as BFD finds the way broken. Absent: no BFD. */
  readonly bfdProfile?: string;
  /** Default false: the peer keeps routes of a node whose daemon died, for the daemon to come back. */
  readonly gracefulRestart?: boolean;
}

/** How fast a broken way is found (RFC 5880). */
export interface BfdProfileSpec {
  /** Shortest time between packets that the node wants to get, default 100ms; 10ms-10s. */
  readonly receiveInterval?: string;
  /** Between packets that it sends, default 100ms; 10ms-10s. */
  readonly transmitInterval?: string;
  /** Lost packets after which the way is broken, default 3; 2-50. */
  readonly detectMultiplier?: number;
}
