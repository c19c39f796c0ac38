import type { Algorithm, ListenerProtocol } from '../../node-state/node-state.js';
import type { PoolBackends, TierRules } from './specs.js';

/**
 * Typed specs of the tenant kinds of load balancing, as far as layer 4 goes; the JSON Schemas beside the kinds accept
 * exactly these shapes. Source: spec/balance "Resources", reference load-balancing section 8.
 */

/** A VIP. What it serves is said by its Listeners. */
export interface LoadBalancerSpec {
  readonly description?: string;
  /** The VIP; either this or `vipClaim`. */
  readonly address?: string;
  /** Name of the VipClaim whose address is the VIP. */
  readonly vipClaim?: string;
  /** Default true; false: no node serves any of its listeners. */
  readonly enabled?: boolean;
}

/** One port of a LoadBalancer and the pools that serve it. */
export interface ListenerSpec extends TierRules {
  readonly description?: string;
  /** Name of the LoadBalancer. */
  readonly loadBalancer: string;
  readonly protocol: ListenerProtocol;
  /** 1-65535. */
  readonly port: number;
  /** Names of Pools in order of preference: the first that is usable serves. */
  readonly pools: readonly string[];
  /** Default true; false: no node serves it. */
  readonly enabled?: boolean;
  /** Most connections at once; default without a limit. */
  readonly connectionLimit?: number;
  /** Default 5s. */
  readonly connectTimeout?: string;
  /** Default 50s, of udp 40s; `0s`: never. */
  readonly clientTimeout?: string;
  /** Default 50s, of udp 40s; `0s`: never. */
  readonly targetTimeout?: string;
}

/** What brings a client back to the backend that served it. spec/balance "Affinity". */
export type AffinitySpec =
  | {
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
  readonly description?: string;
  /** Default `round-robin`. */
  readonly algorithm?: Algorithm;
  /** Slots of the table, a prime from 251 to 655373; of `maglev` only, default as many as the backends ask for. */
  readonly tableSize?: number;
  readonly affinity?: AffinitySpec;
  readonly backends?: PoolBackends;
}

/** How long a silent client is remembered by `source-ip` when nothing is said. */
export const DEFAULT_AFFINITY_TIMEOUT = '60s';

/** How a Pool spreads connections when it does not say. */
export const DEFAULT_ALGORITHM: Algorithm = 'round-robin';
