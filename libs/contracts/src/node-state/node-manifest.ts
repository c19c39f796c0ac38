import type { Algorithm, Affinity, NodeProtocol } from './node-state.js';
import type { NodeVpp } from './node-vpp.js';

/** Data planes that a node can have. */
export const NODE_DRIVERS = ['sim', 'haproxy', 'nftables', 'vpp'] as const;
export type NodeDriver = (typeof NODE_DRIVERS)[number];

/** One listener of a manifest, and where its state lies. */
export interface ManifestListener {
  readonly name: string;
  /** Key of the state in the bucket. The key of the state before it stays readable until the next one. */
  readonly key: string;
  /** `digestOf` the {@link NodeListener} that the key holds. */
  readonly digest: string;
}

/**
 * The last word of a desired state, written after all keys that it names: an agent that can read all of them with their
 * digests has a complete state, and keeps the one before as long as it has not.
 */
export interface NodeManifest {
  readonly node: string;
  /** Who counts: another one than before means that counting began anew, with a store that was empty. */
  readonly epoch: string;
  readonly generation: number;
  readonly at: string;
  readonly driver: NodeDriver;
  /** How often the agent compares the data plane with the desired state. Milliseconds. */
  readonly syncIntervalMs: number;
  /** Sorted by name. */
  readonly listeners: readonly ManifestListener[];
  /** What it announces; absent: nothing. */
  readonly announcements?: Omit<ManifestListener, 'name'>;
  /** Of the driver `vpp`. */
  readonly vpp?: NodeVpp;
}

/** What a driver can do. Whatever it cannot is refused with a reason. Reference section 7. */
export interface Capabilities {
  readonly protocols: readonly NodeProtocol[];
  readonly algorithms: readonly Algorithm[];
  readonly affinity: readonly Affinity['type'][];
  /** Connections of one target can be cut. */
  readonly flush: boolean;
  /** A target may have another port than the VIP. */
  readonly targetPorts: boolean;
  /** VIP and target may be of different address families. */
  readonly mixedFamilies: boolean;
  readonly connectionLimit: boolean;
  /** Targets can be told of the client by the PROXY protocol. Absent, as in records of before: they cannot. */
  readonly proxyProtocol?: boolean;
  /** Requests can be rejected, redirected and sent to other pools by policies. Absent: they cannot. */
  readonly policies?: boolean;
  /** Requests are counted, by the class of their answers. Absent: only connections and bytes are. */
  readonly requestCounters?: boolean;
  /** Algorithms with which targets can answer clients themselves, direct server return. Absent or empty: they cannot. */
  readonly dsr?: readonly Algorithm[];
  /** Targets of one listener; most. */
  readonly maxTargets: number;
}
