/** What VPP is told of its load balancer as a whole (`lb_conf`). Reference maglev 2.4, 6.2. */
export interface NodeVpp {
  readonly ipv4SrcAddress: string;
  readonly ipv6SrcAddress: string;
  /** A power of two. */
  readonly stickyBucketsPerCore: number;
  /** Whole seconds. */
  readonly flowTimeoutSeconds: number;
}

/** What the agents of nodes with the driver `vpp` are asked for, by the question `vpp`. Reference maglev 7, 8.4. */
export const VPP_QUESTIONS = ['info', 'lb-state', 'lb-counters'] as const;

export interface VppQuestion {
  readonly about: (typeof VPP_QUESTIONS)[number];
}

/** The VPP of a node, and since when it is reached. */
export interface VppInfo {
  readonly node: string;
  readonly connected: boolean;
  /** Why it is not connected. */
  readonly why?: string;
  /** All that follows: of a VPP that is connected. */
  readonly version?: string;
  readonly buildDate?: string;
  readonly buildDirectory?: string;
  readonly pid?: number;
  /** When it started; absent: it does not say. */
  readonly bootedAt?: string;
  readonly connectedAt?: string;
}

/** What tells a VIP of VPP from others. */
export interface VppVip {
  /** Scoped name of the listener; absent: none of the node asks for it. */
  readonly listener?: string;
  /** With its length, as `192.0.2.10/32`. */
  readonly prefix: string;
  /** `tcp`, `udp`, `any`, or the number of another one. */
  readonly protocol: string;
  /** 0: all ports. */
  readonly port: number;
}

/** A VIP as it stands in VPP. */
export interface VppVipState extends VppVip {
  readonly encap: string;
  readonly srcIpSticky: boolean;
  /** Its application servers, in the order of addresses. */
  readonly targets: readonly {
    readonly address: string;
    readonly weight: number;
    /** Slots that it has in the table of new flows. */
    readonly buckets: number;
    /** Flows that VPP remembers. */
    readonly flows: number;
  }[];
}

/** Answer about `lb-state`. */
export interface VppLbState {
  readonly node: string;
  readonly conf: NodeVpp;
  /** In the order of addresses. */
  readonly vips: readonly VppVipState[];
}

/** Packets of a VIP since VPP made it. Reference maglev 6.9. */
export interface VppVipCounters extends VppVip {
  /** Of flows that are remembered. */
  readonly next: number;
  /** The first of a flow. */
  readonly first: number;
  /** That were sent on and not remembered. */
  readonly untracked: number;
  /** That found no target. */
  readonly noServer: number;
}

/** Answer about `lb-counters`. */
export interface VppLbCounters {
  readonly node: string;
  readonly vips: readonly VppVipCounters[];
}

/** Body of the question `vpp-sync`: VPP is made as desired now. */
export interface VppSyncQuestion {
  /** Scoped name of one listener; absent: all, and what nobody asks for goes. */
  readonly listener?: string;
}

/** What was written to VPP; all 0: it was as desired. Reference maglev 7 (SyncVPPLBState). */
export interface VppSync {
  readonly node: string;
  readonly vipsAdded: number;
  readonly vipsRemoved: number;
  readonly targetsAdded: number;
  readonly targetsRemoved: number;
  readonly weightsSet: number;
}
