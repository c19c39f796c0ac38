/** What VPP is told of its load balancer as a whole (`lb_conf`). Reference maglev 2.4, 6.2. */
export interface NodeVpp {
  readonly ipv4SrcAddress: string;
  readonly ipv6SrcAddress: string;
  /** A power of two. */
  readonly stickyBucketsPerCore: number;
  /** Whole seconds. */
  readonly flowTimeoutSeconds: number;
}
