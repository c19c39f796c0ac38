import type { ErrorCode } from '../errors.js';
import type { ServedCertificate } from './listener-tls.js';
import type { NodePeerReport, NodeVipCounts, NodeVipReport } from './node-announcements.js';
import type { Capabilities, NodeDriver } from './node-manifest.js';

/** How a listener stands on a node. `refused`: the driver cannot do it, or the system does not let it. */
export const NODE_LISTENER_STATES = ['applied', 'refused'] as const;
export type NodeListenerState = (typeof NODE_LISTENER_STATES)[number];

/** What a node says of one listener, as it reads it back from its data plane. */
export interface NodeListenerReport {
  readonly name: string;
  readonly state: NodeListenerState;
  /** Generation in which it was applied as it is, or refused. */
  readonly generation: number;
  /** Where the node really listens; absent: nowhere. */
  readonly listensAt?: { readonly address: string; readonly port: number };
  /** Digest of the desired state that stands; of a refused listener of which nothing stands, of what was refused. */
  readonly digest: string;
  /** Digest of the table that chooses targets, of `maglev` only: equal on every node with the same targets. */
  readonly tableDigest?: string;
  /** What it shows to clients, of `terminated-https` only; in the order of the listener. */
  readonly certificates?: readonly ServedCertificate[];
  /** Why it is refused. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  /** Something to know that refuses nothing, such as a small table. */
  readonly warning?: string;
}

/** How the data plane of a node is. */
export const NODE_STATES = ['waiting', 'ready', 'unavailable'] as const;
export type NodeRunState = (typeof NODE_STATES)[number];

/**
 * One message of `activity.node.<node>`, appended by the `dataplane-agent` of that node only: what changed there.
 * `listeners` are new or changed ones; `gone` left. `version` counts the records of a node. A node whose agent has seen no
 * manifest yet has no record.
 */
export interface NodeRecord {
  readonly node: string;
  readonly version: number;
  readonly at: string;
  /** `listeners` are all there are, whoever is not named is gone: the agent does not know what it told before. */
  readonly whole?: true;
  readonly driver: NodeDriver;
  /** `waiting`: no complete desired state yet; `unavailable`: the data plane does not answer. */
  readonly state: NodeRunState;
  /** Of `unavailable`. */
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly epoch?: string;
  /** Every listener up to this generation was applied or refused; absent while waiting. */
  readonly appliedGeneration?: number;
  readonly capabilities: Capabilities;
  readonly listeners: readonly NodeListenerReport[];
  readonly gone: readonly string[];
  /**
   * Digest of where the node sends packets: of its listeners as they stand, and their tables. Equal on all nodes that do the same.
   * Absent: nothing stands, or a record of before.
   */
  readonly trafficDigest?: string;
  /** An operator drained the node: it announces nothing. */
  readonly drained?: true;
  /** Of all VIPs that the node was told of; absent: of none. */
  readonly vipCounts?: NodeVipCounts;
  /** VIPs that are new or changed; with `whole` all there are. */
  readonly vips?: readonly NodeVipReport[];
  /** Addresses of VIPs that the node has nothing to do with any more. */
  readonly goneVips?: readonly string[];
  /** All routers of the node, whenever one of them changed, and with `whole`. */
  readonly peers?: readonly NodePeerReport[];
}
