import type { InsertableHeader, ProxyProtocol, TlsVersion } from '../../node-state/listener-tls.js';
import type { Algorithm, Forwarding, ListenerProtocol } from '../../node-state/node-state.js';
import type { PoolBackends, TierRules } from './specs.js';

/**
 * Typed specs of the tenant kinds of load balancing, as far as layer 4 goes; the JSON Schemas beside the kinds accept
 * exactly these shapes. Source: spec/balance "Resources", reference load-balancing section 8.
 */

/** A VIP. What it serves is said by its Listeners. */
export interface LoadBalancerSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** The VIP; either this or `vipClaim`. */
  readonly address?: string;
  /** Name of the VipClaim whose address is the VIP. */
  readonly vipClaim?: string;
  /** Default true; false: no node serves any of its listeners. */
  readonly enabled?: boolean;
  /** Only nodes of this group serve its listeners; absent: every node. */
  readonly nodeGroup?: string;
}

/** One port of a LoadBalancer and the pools that serve it. */
export interface ListenerSpec extends TierRules {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of the LoadBalancer. */
  readonly loadBalancer: string;
  /** What it speaks; `http` and `terminated-https` are looked into, `tcp` and `udp` are passed on. */
  readonly protocol: ListenerProtocol;
  /** 1-65535. */
  readonly port: number;
  /** Names of Pools in order of preference: the first that is usable serves. */
  readonly pools: readonly string[];
  /** Default true; false: no node serves it. */
  readonly enabled?: boolean;
  /** Default `via-node`. */
  readonly forwarding?: Forwarding;
  /** Most connections at once; default without a limit. */
  readonly connectionLimit?: number;
  /** Default 5s. */
  readonly connectTimeout?: string;
  /** Default 50s, of udp 40s; `0s`: never. */
  readonly clientTimeout?: string;
  /** Default 50s, of udp 40s; `0s`: never. */
  readonly targetTimeout?: string;
  /** Of `terminated-https`, which needs it. */
  readonly tls?: ListenerTlsSpec;
  /** What the targets of a proxy of requests are told of its client; default nothing. */
  readonly insertHeaders?: readonly InsertableHeader[];
}

/** How TLS ends at a listener. */
export interface ListenerTlsSpec {
  /** Names of Certificates: the first for clients that name no host or an unknown one, the others by the hosts they name. */
  readonly certificates: readonly string[];
  /** Default 1.2. */
  readonly minVersion?: TlsVersion;
  /** Default true: clients may choose HTTP/2. */
  readonly http2?: boolean;
}

/** A certificate as it lies on the nodes that serve it. What is in the files is read there and nowhere else. */
export interface CertificateSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Absolute path on each node: certificate and chain in PEM, and the private key unless `keyFile` names it. */
  readonly file: string;
  /** Absolute path on each node of the private key. */
  readonly keyFile?: string;
}

/** What brings a client back to the backend that served it. spec/balance "Affinity". */
export type AffinitySpec =
  | {
      /** `source-ip`: the address of the client. `http-cookie`: a cookie of ours. `app-cookie`: a cookie of the application. */
      readonly type: 'source-ip';
      /** How long a client that is silent is remembered, default 60s. */
      readonly timeout?: string;
    }
  | {
      readonly type: 'http-cookie' | 'app-cookie';
      /** Name of the cookie: ours, or that of the application. */
      readonly cookie: string;
    };

/** Backends that serve alike. Members not written here come from PoolMember resources. */
export interface PoolSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Default `round-robin`. */
  readonly algorithm?: Algorithm;
  /** Slots of the table, a prime from 251 to 655373; of `maglev` only, default as many as the backends ask for. */
  readonly tableSize?: number;
  /** What brings a client back to the backend that served it; absent: nothing does. */
  readonly affinity?: AffinitySpec;
  /** The PROXY protocol in which its backends are told of the client; default none. */
  readonly proxyProtocol?: ProxyProtocol;
  /** Name of each Backend, with its weight. */
  readonly backends?: PoolBackends;
}

/** How long a silent client is remembered by `source-ip` when nothing is said. */
export const DEFAULT_AFFINITY_TIMEOUT = '60s';

/** How a Pool spreads connections when it does not say. */
export const DEFAULT_ALGORITHM: Algorithm = 'round-robin';
