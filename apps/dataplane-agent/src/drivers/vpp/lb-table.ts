import type { NodeVpp } from '@signalbox/contracts';
import type { VipKey } from './vip-key.js';

/**
 * Slots of the table of a VIP, a power of two. It is always sent: 0, which the wire has without it, makes VPP end. Reference maglev 6.2.
 */
export const LB_TABLE_LENGTH = 1024;

/** How packets come to targets. VPP numbers them in this order; the driver makes the first two. Reference maglev 6.3. */
export const ENCAPS = ['gre4', 'gre6', 'l3dsr', 'nat4', 'nat6'] as const;
export type Encap = (typeof ENCAPS)[number];

/** An application server of a VIP, as it stands. */
export interface LbTarget {
  /** In its one spelling. */
  readonly address: string;
  /** 0-100. */
  readonly weight: number;
  /** Slots that it has in the table of the VIP. */
  readonly buckets: number;
}

/** Packets of a VIP since it was made. */
export interface VipPackets {
  /** Of flows that are remembered. */
  readonly next: number;
  /** The first of a flow. */
  readonly first: number;
  /** That were sent on and not remembered, because the table of flows is full. */
  readonly untracked: number;
  /** That found no target. */
  readonly noServer: number;
}

/** A VIP as it stands. */
export interface LbVip {
  readonly key: VipKey;
  readonly encap: Encap;
  /** Clients are told by their address alone. */
  readonly isSticky: boolean;
  /** In the order of addresses. */
  readonly targets: readonly LbTarget[];
  readonly packets: VipPackets;
  /** Flows that are remembered, by address of the target. */
  readonly flows: ReadonlyMap<string, number>;
}

/** What the plugin has. */
export interface LbTable {
  readonly conf: NodeVpp;
  /** In the order of VIPs. */
  readonly vips: readonly LbVip[];
}
