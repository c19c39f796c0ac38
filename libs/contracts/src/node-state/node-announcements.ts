import type { AnnounceMethod } from '../kinds/balance/announcement-specs.js';

/**
 * What one node shall announce: written by `balancer` as one key beside its listeners, named by the manifest, done by the announcers of
 * the agent. ADR 0042.
 */

/** BFD of one session. Milliseconds. RFC 5880. */
export interface NodeBfd {
  readonly receiveMs: number;
  readonly transmitMs: number;
  readonly multiplier: number;
}

/** A router to which the node announces. Times in seconds. */
export interface NodeBgpPeer {
  /** Of the BgpPeer. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly asn: number;
  readonly localAsn: number;
  readonly localAddress?: string;
  readonly holdSeconds: number;
  readonly keepaliveSeconds: number;
  readonly connectSeconds: number;
  /** Path on the node. */
  readonly passwordFile?: string;
  readonly multihop?: number;
  readonly bfd?: NodeBfd;
  readonly gracefulRestart?: true;
}

/** How a VIP is announced by BGP. */
export interface VipRoute {
  /** Names of peers; at least one. */
  readonly peers: readonly string[];
  readonly communities?: readonly string[];
  readonly localPref?: number;
  readonly med?: number;
}

/** How the leader of a VIP is found, of methods with one. */
export interface VipLeadership {
  /** Place of the node among those that may lead the VIP: 0 leads when it can. */
  readonly rank: number;
  /** The node takes over from one with a higher rank. */
  readonly preempt: boolean;
  /** address: how long a leader may be silent. Milliseconds. */
  readonly leaseMs?: number;
  /** vrrp: 1-255. */
  readonly virtualRouterId?: number;
  /** vrrp: between two advertisements. Milliseconds, whole tens. */
  readonly advertMs?: number;
}

/** A VIP of a node. */
export interface NodeVip {
  readonly address: string;
  /** Name of the Announcement. */
  readonly announcement: string;
  readonly method: AnnounceMethod;
  /** Scoped names of the node's listeners at the VIP, sorted: it is announced behind their apply. At least one. */
  readonly listeners: readonly string[];
  readonly withdrawWithoutTargets: boolean;
  /** How long the node goes on to serve it once it is withdrawn. Milliseconds. */
  readonly drainMs: number;
  readonly interface: string;
  /** Of bird and gobgp. */
  readonly route?: VipRoute;
  /** Of vrrp and address. */
  readonly leadership?: VipLeadership;
  /** Why the node may not announce it, as that it does not serve all listeners at it. */
  readonly barred?: string;
}

/** Everything that one node shall announce. */
export interface NodeAnnouncements {
  /** Set by an operator: nothing is announced or held, and what still comes is served. */
  readonly drained?: true;
  /** Of the daemon that speaks BGP; absent: it finds one itself. IPv4 notation. */
  readonly routerId?: string;
  /** Prefixes of the VipPools in the order of addresses: nothing outside of them ever leaves the node. */
  readonly prefixes: readonly string[];
  /** Sorted by name. */
  readonly peers: readonly NodeBgpPeer[];
  /** In the order of addresses. */
  readonly vips: readonly NodeVip[];
}

/**
 * How a VIP stands on a node. `announced`: routers were told, or the node has it as its leader; `standby`: another node leads;
 * `withdrawn`: the node is not ready for it, was drained, or was told to stop; `refused`: the announcer cannot do it.
 */
export const VIP_STATES = ['announced', 'standby', 'withdrawn', 'refused'] as const;
export type VipState = (typeof VIP_STATES)[number];

/** What a node says of one VIP. */
export interface NodeVipReport {
  readonly address: string;
  /** Name of the Announcement. */
  readonly announcement: string;
  readonly method: AnnounceMethod;
  readonly state: VipState;
  /** Since when it is in this state. */
  readonly since: string;
  /** Peers that were told, over a session that stands, sorted; of BGP. */
  readonly to?: readonly string[];
  /** Why it is not announced. */
  readonly why?: string;
}

/** How many VIPs a node has, and how many of them it announces or leads. */
export interface NodeVipCounts {
  readonly announced: number;
  readonly all: number;
}

/** How a session with a router is. `up`: routes are exchanged; `starting`: it is tried. */
export const PEER_STATES = ['up', 'starting', 'down'] as const;
export type PeerState = (typeof PEER_STATES)[number];

/** What a node says of one router. */
export interface NodePeerReport {
  /** Of the BgpPeer. */
  readonly name: string;
  readonly state: PeerState;
  readonly since: string;
  /** Of a session with BFD. */
  readonly bfd?: 'up' | 'down';
  /** Why it is not up, in the words of the daemon. */
  readonly why?: string;
}

/** The bucket (NATS KV) in which nodes agree on who leads a VIP, of the method `address`. One key for each VIP. ADR 0043. */
export const LEADERS_BUCKET = 'LEADERS';

/** The stream of the bucket. */
export const LEADERS_STREAM = `KV_${LEADERS_BUCKET}`;

/** Subject of the lease of a VIP, by its canonical address; of all of them by `>`. */
export function leaderSubject(vip: string): string {
  return `$KV.${LEADERS_BUCKET}.${vip.replace(/[.:]/g, '-')}`;
}
