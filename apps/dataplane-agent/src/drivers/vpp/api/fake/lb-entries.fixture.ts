/** Return values of the plugin. `api_errno.h`. */
export const RETVAL = {
  ok: 0,
  noSuchEntry: -6,
  invalidValue: -7,
  invalidMemorySize: -70,
  invalidArgument: -73,
  valueExist: -81,
  invalidAddressFamily: -97,
} as const;

/** Types of VIPs, as the plugin numbers them. `lb_vip_type_t`. */
export const VIP_TYPES = [
  'ip6-gre6',
  'ip6-gre4',
  'ip4-gre6',
  'ip4-gre4',
  'ip4-l3dsr',
  'ip4-nat4',
  'ip6-nat6',
] as const;
export type VipType = (typeof VIP_TYPES)[number];

/** All ports of an address. */
export const ANY_PROTOCOL = 255;

/** What names a VIP. The length counts the 96 zeros before an IPv4 address. */
export interface VipKey {
  readonly prefix: Uint8Array;
  readonly length: number;
  readonly protocol: number;
  readonly port: number;
}

export interface VipWish extends VipKey {
  readonly encap: number;
  readonly tableLength: number;
  readonly sticky: boolean;
}

/** Packets of a VIP, each counted once. */
export interface VipCounters {
  next: number;
  first: number;
  untracked: number;
  noServer: number;
}

export interface Vip extends VipKey {
  readonly index: number;
  readonly type: VipType;
  readonly sticky: boolean;
  readonly tableLength: number;
  readonly counters: VipCounters;
  used: boolean;
  /** Indices of servers, also of those that were removed and are not collected yet. */
  servers: number[];
  table: Uint32Array;
  lastCollection: number;
}

export interface Server {
  readonly index: number;
  readonly vip: number;
  readonly address: Uint8Array;
  used: boolean;
  weight: number;
  lastUsed: number;
}

export interface LbConf {
  ip4: Uint8Array;
  ip6: Uint8Array;
  buckets: number;
  timeout: number;
}
