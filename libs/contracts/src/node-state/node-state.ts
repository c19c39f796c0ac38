import type { InsertableHeader, NodeTls, ProxyProtocol } from './listener-tls.js';
import type { NodePolicy } from './node-policy.js';
import type { NodeVpp } from './node-vpp.js';

/**
 * What one load-balancing node shall do: the desired state that `balancer` writes and a `dataplane-agent` applies.
 * Flat on purpose: pools, health and operators were decided on before. ADR 0023, spec/balance "Pieces".
 */

/** How a listener chooses the target of a new connection; each of them heeds the weights. spec/balance "Algorithms". */
export const ALGORITHMS = ['round-robin', 'least-connections', 'source-hash', 'maglev', 'random'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/**
 * What a listener carries. `http`: as a proxy of requests, which cookies need. `terminated-https`: the same for clients that
 * speak TLS, which ends here.
 */
export const LISTENER_PROTOCOLS = ['tcp', 'udp', 'http', 'terminated-https'] as const;
export type ListenerProtocol = (typeof LISTENER_PROTOCOLS)[number];

/** What a node can be told to carry. `any`: all protocols and ports of a VIP, which only a Frontend without a port asks for. */
export const NODE_PROTOCOLS = [...LISTENER_PROTOCOLS, 'any'] as const;
export type NodeProtocol = (typeof NODE_PROTOCOLS)[number];

/** Whether a listener is a proxy of requests: sees headers and cookies. */
export function readsRequests(protocol: NodeProtocol | undefined): boolean {
  return protocol === 'http' || protocol === 'terminated-https';
}

/**
 * How the answers of targets come to clients. `via-node`: the way they came, by the node, which translates or proxies. `dsr`,
 * direct server return: from the target itself, which has the VIP too; the node sees what clients say alone, and keeps nothing of a
 * connection. Reference load-balancing section 3.
 */
export const FORWARDINGS = ['via-node', 'dsr'] as const;
export type Forwarding = (typeof FORWARDINGS)[number];

/** Algorithms that tell the target of a packet by what it says of its client: what `dsr` needs, where each packet is the first one. */
export const DSR_ALGORITHMS: readonly Algorithm[] = ['source-hash', 'maglev'];

/** What brings a client back to the target that served it. spec/balance "Affinity". */
export type Affinity =
  | {
      readonly type: 'source-ip';
      /** How long a client that is silent is remembered. Milliseconds. */
      readonly timeoutMs: number;
    }
  /** `http-cookie`: a cookie of ours. `app-cookie`: one that the application sets. Both need a proxy of requests. */
  | { readonly type: 'http-cookie' | 'app-cookie'; readonly cookie: string };

/** Where a node listens when it cannot have the VIP itself. */
export interface ListenAt {
  readonly address: string;
  /** Absent: a free port, which the node tells and keeps. */
  readonly port?: number;
}

/**
 * One server behind a listener. Its place is what tells it from others: no two targets of a listener share one, neither do two of
 * one policy pool.
 */
export interface NodeTarget {
  readonly address: string;
  /** 1-65535; 0 behind a listener for all ports: that of each packet. */
  readonly port: number;
  /** 0-100; 0: no new connections, what stands goes on. */
  readonly weight: number;
  /** How often the target came into a state in which its connections are cut: each new number cuts them once. */
  readonly flushes: number;
  /** It is in such a state now, and the last number counts that; what the balancer counts on from after a restart. */
  readonly flush?: true;
}

/** Times after which a connection ends; 0: never. Milliseconds. */
export interface ListenerTimeouts {
  /** Until a target has answered a connect; 1-. */
  readonly connectMs: number;
  /** Without a byte from the client, or to it. */
  readonly clientMs: number;
  /** Without a byte from the target, or to it; of UDP: without any datagram of the flow. */
  readonly targetMs: number;
}

/** Targets for the requests that policies send there. They are chosen and remembered apart from those of the listener. */
export interface NodePool {
  /** Of the Pool, which is in the project of the listener. */
  readonly name: string;
  readonly algorithm: Algorithm;
  /** Slots of the table, a prime; of `maglev` only. */
  readonly tableSize?: number;
  readonly affinity?: Affinity;
  /** Targets are told of the client by this protocol. Absent: they are not. */
  readonly proxyProtocol?: ProxyProtocol;
  /** In the order of those of a listener. */
  readonly targets: readonly NodeTarget[];
}

/** One VIP and port of a node. */
export interface NodeListener {
  /** Scoped name of the listener; see `scopedName`. */
  readonly name: string;
  /** The VIP. */
  readonly address: string;
  readonly protocol: NodeProtocol;
  /** 1-65535; 0 with the protocol `any`, and only there: all ports. */
  readonly port: number;
  /** Absent: at the VIP itself. */
  readonly listenAt?: ListenAt;
  /** Absent: `via-node`. */
  readonly forwarding?: Exclude<Forwarding, 'via-node'>;
  readonly algorithm: Algorithm;
  /** Slots of the table, a prime; of `maglev` only. */
  readonly tableSize?: number;
  readonly affinity?: Affinity;
  /** Most connections at once; absent: no limit of its own. */
  readonly connectionLimit?: number;
  readonly timeouts: ListenerTimeouts;
  /** Of `terminated-https`, and always there. */
  readonly tls?: NodeTls;
  /** What requests get before a target sees them; of proxies of requests only. Absent: nothing. */
  readonly insertHeaders?: readonly InsertableHeader[];
  /** Asked of each request in this order: the first whose rules all match decides. Of proxies of requests only. */
  readonly policies?: readonly NodePolicy[];
  /** The pools that its policies name, and no others, sorted by name. Absent: none. */
  readonly policyPools?: readonly NodePool[];
  /** Targets are told of the client by this protocol, in front of each connection. Absent: they are not. */
  readonly proxyProtocol?: ProxyProtocol;
  /** In the order in which they are applied: by address, IPv4 first, then by port. */
  readonly targets: readonly NodeTarget[];
}

/** Everything one node shall do. */
export interface NodeState {
  readonly node: string;
  /** Counts the states of this node; a later state has a higher one. */
  readonly generation: number;
  /** Sorted by name. */
  readonly listeners: readonly NodeListener[];
  /** Of the driver `vpp`; absent: nobody configured one. */
  readonly vpp?: NodeVpp;
}

/** Times of a listener that names none: those of the tenant-API anchor (reference section 8), UDP as the flow timeout of 2.4. */
export const DEFAULT_TIMEOUTS: ListenerTimeouts = { connectMs: 5_000, clientMs: 50_000, targetMs: 50_000 };
