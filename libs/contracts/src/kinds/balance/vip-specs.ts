/**
 * Typed specs of the kinds that hand out VIPs; the JSON Schemas beside the kinds accept exactly these shapes. ADR 0025,
 * spec/balance "VIPs".
 */

/** Addresses that the balancer may grant. */
export interface VipPoolSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Prefixes, ranges `first-last` and single addresses, of either family; no two overlap. */
  readonly addresses: readonly string[];
  /** Projects that may have addresses of it; absent: all. */
  readonly projects?: readonly string[];
  /** Default true; false: only claims that name the pool or an address of it get one. */
  readonly autoAssign?: boolean;
  /**
   * Default true: the network and the broadcast address of an IPv4 prefix up to /30, and the router anycast address of an IPv6
   * prefix up to /126, are never granted.
   */
  readonly avoidNetworkAndBroadcast?: boolean;
  /** How long an address that was given up waits before another holder may have it. Default 10m; `0s`: not at all. */
  readonly quarantine?: string;
}

/** Asks for one VIP, and keeps it for as long as the claim exists. */
export interface VipClaimSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of a VipPool; absent: any that serves the project. */
  readonly pool?: string;
  /** Absent: that of `address`, else whichever the pool has. */
  readonly family?: 'ipv4' | 'ipv6';
  /** This very address; absent: any that is free. */
  readonly address?: string;
  /** Claims of one project with equal keys have one address where they can. */
  readonly sharingKey?: string;
}

/** How long an address waits when the pool does not say. spec/balance "VIPs". */
export const DEFAULT_QUARANTINE = '10m';
