import type { InsertableHeader, NodeTls, ProxyProtocol } from '../../node-state/listener-tls.js';
import type { NodePolicy } from '../../node-state/node-policy.js';
import type {
  Affinity,
  Algorithm,
  ListenerProtocol,
  ListenerTimeouts,
  NodeListener,
} from '../../node-state/node-state.js';
import type { AllDownMode, PoolActivation } from './specs.js';

/**
 * One tier of a listener. `name` is what records, metrics and people call it: of a Frontend the name of its pool, else
 * that of the Pool.
 */
export interface ModelPool {
  readonly name: string;
  /** Scoped name of a Backend → its weight, 0-100. */
  readonly members: ReadonlyMap<string, number>;
}

/** A pool that policies send requests to. It spreads and remembers clients in its own way. */
export interface PolicyPool extends ModelPool {
  readonly algorithm: Algorithm;
  /** Slots of the table; absent: as many as the targets ask for. Of `maglev` only. */
  readonly tableSize?: number;
  readonly affinity?: Affinity;
  readonly proxyProtocol?: ProxyProtocol;
}

/** The VIP of a LoadBalancer, or why it has none. */
export type Vip = { readonly address: string } | { readonly waits: string };

/**
 * One VIP and port with everything that decides about it, defaults filled in: what a Frontend, or a Listener with its
 * LoadBalancer and Pools, comes down to. Behind this nobody knows which of the two it was. Durations in milliseconds, 0 = none.
 */
export interface ListenerModel {
  /** Scoped name: of the Frontend, or of the Listener. */
  readonly name: string;
  /** Which kind declares it. */
  readonly kind: 'Frontend' | 'Listener';
  /** Scoped name of the LoadBalancer; of a Frontend its own. */
  readonly loadBalancer: string;
  /** The VIP; absent: it has none yet, see `waits`. */
  readonly address?: string;
  /** Why it has no VIP; present when `address` is not. */
  readonly waits?: string;
  /** Absent: any. */
  readonly protocol?: ListenerProtocol;
  /** 0: all ports. */
  readonly port: number;
  /** Whether nodes shall serve it. */
  readonly enabled: boolean;
  /** Only nodes of this group do; absent: all nodes. */
  readonly nodeGroup?: string;
  readonly algorithm: Algorithm;
  /** Slots of the table; absent: as many as the targets ask for. Of `maglev` only. */
  readonly tableSize?: number;
  readonly affinity?: Affinity;
  /** Absent: `via-node`. */
  readonly forwarding?: NodeListener['forwarding'];
  readonly connectionLimit?: number;
  readonly timeouts: ListenerTimeouts;
  /** Of `terminated-https`, and always there. */
  readonly tls?: NodeTls;
  /** Absent: none. */
  readonly insertHeaders?: readonly InsertableHeader[];
  readonly proxyProtocol?: ProxyProtocol;
  /** In the order in which they are asked; absent: none. */
  readonly policies?: readonly NodePolicy[];
  /** What its policies send requests to, sorted by name, and none of `pools`; absent: nothing. */
  readonly policyPools?: readonly PolicyPool[];
  readonly flushOnDown: boolean;
  readonly failbackDelayMs: number;
  readonly minUp: number;
  readonly poolActivation: PoolActivation;
  readonly slowStartMs: number;
  readonly allDown: AllDownMode;
  /** In order of preference. */
  readonly pools: readonly ModelPool[];
}
