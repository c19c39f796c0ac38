import type { Algorithm } from '../../node-state/node-state.js';
import type { NodeDriver } from '../../node-state/node-manifest.js';
import type { Endpoint } from './endpoint.js';

/**
 * Typed specs of the kinds of health checking and load balancing; the JSON Schemas beside them accept exactly these
 * shapes. Durations are Go duration strings. Source: spec/health "Input", spec/balance, reference maglev section 2.
 */
export const BALANCE_API = 'balance.signalbox.dev/v1alpha1';

/** What a probe speaks. `push` sends nothing: the backend sends heartbeats. */
export const PROBE_TYPES = ['http', 'https', 'tcp', 'icmp', 'udp', 'dns', 'grpc', 'tls', 'push'] as const;
export type ProbeType = (typeof PROBE_TYPES)[number];

/** How results move the counter, see `HealthCheckSpec.counter`. Reference 3.2, 3.4. */
export const COUNTER_MODES = ['haproxy', 'linear'] as const;
export type CounterMode = (typeof COUNTER_MODES)[number];

/** Record types that a `dns` probe asks for. */
export const DNS_RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'SOA', 'SRV', 'TXT'] as const;
export type DnsRecordType = (typeof DNS_RECORD_TYPES)[number];

/**
 * What a probe of each type may be told. Every member is optional in the schema; which type takes which, and which
 * it needs, is checked by the kind.
 */
export interface ProbeParams {
  /** http, https: request path, default `/`. */
  readonly path?: string;
  /** http, https: `Host` header, default the address and port. */
  readonly host?: string;
  /** http, https: accepted status, a code or a range such as `200-299`; default `200`. */
  readonly responseCode?: string | number;
  /** http, https: RE2 expression that must match within the first 64 KiB of the body. */
  readonly responseRegexp?: string;
  /** tcp: make a TLS handshake as well. grpc: speak TLS. */
  readonly ssl?: boolean;
  /** Name for SNI and for the check of the certificate; default for https: `host`, else the address. */
  readonly serverName?: string;
  /** Accept any certificate. */
  readonly insecureSkipVerify?: boolean;
  /** udp: text to send, as UTF-8. */
  readonly send?: string;
  /** udp: bytes to send, in hex: `17 00 03 2a`. Either this or `send` is required. */
  readonly sendHex?: string;
  /** udp: text that the answer must contain; default any answer. dns: value that one record of the answer must have. */
  readonly expect?: string;
  /** udp: bytes that the answer must contain, in hex; in place of `expect`. */
  readonly expectHex?: string;
  /** dns: name to ask for (required). */
  readonly name?: string;
  /** dns: type of record, default `A`. */
  readonly recordType?: DnsRecordType;
  /** grpc: service to ask about, default the whole server. */
  readonly service?: string;
  /** tls: a certificate that ends within this time makes the backend degraded; default `168h`, at most ten years. */
  readonly warnBefore?: string;
  /** push: a backend without a heartbeat for this long fails (required). */
  readonly ttl?: string;
}

/** How backends are probed. Reference 2.5. */
export interface HealthCheckSpec {
  /** What a probe speaks. `push` sends nothing: the backend sends heartbeats. */
  readonly type: ProbeType;
  /** Not for icmp and push; absent: the port of each backend. */
  readonly port?: number;
  /** Time between probes while fully up. Required for all types but push. */
  readonly interval?: string;
  /** While unknown or degraded; default `interval`. */
  readonly fastInterval?: string;
  /** While fully down; default `interval`. */
  readonly downInterval?: string;
  /** Of one whole probe, at most 60s; may exceed the interval. Required for all types but push. */
  readonly timeout?: string;
  /** Passes until up, default 2. */
  readonly rise?: number;
  /** Failures until down, default 3. */
  readonly fall?: number;
  /** `haproxy` (default): the counter snaps to its end when the state changes. `linear`: one step a result. */
  readonly counter?: CounterMode;
  /** Source address of probes to IPv4; absent: as the route has it. */
  readonly probeIpv4Src?: string;
  /** Source address of probes to IPv6; absent: as the route has it. */
  readonly probeIpv6Src?: string;
  /** Linux network namespace in which these probes run; default that of the HealthChecker. */
  readonly netns?: string;
  /** What a probe of this type may be told. */
  readonly params?: ProbeParams;
}

/** A health-checked address and port. Reference 2.6, spec/balance "Resources". */
export interface BackendSpec extends Endpoint {
  /** Name of a HealthCheck; absent = static: up unless an operator says otherwise. */
  readonly healthcheck?: string;
  /** Default true. */
  readonly enabled?: boolean;
  /** Backends whose failure explains ours: while one of them is down, our alarms are silent. */
  readonly dependsOn?: readonly string[];
}

/** When no backend of any pool can be used. spec/balance "Rules". */
export const ALL_DOWN_MODES = ['drop', 'keep-last', 'spread'] as const;
export type AllDownMode = (typeof ALL_DOWN_MODES)[number];

/** What makes a pool usable. spec/balance "Rules", reference 5.2. */
export const POOL_ACTIVATIONS = ['up', 'up-weighted'] as const;
export type PoolActivation = (typeof POOL_ACTIVATIONS)[number];

/** Backend name → its weight, 0-100, default 100. */
export type PoolBackends = Readonly<
  Record<
    string,
    {
      /** 0-100, default 100. */
      readonly weight?: number;
    }
  >
>;

/** One tier of a frontend. Members not written here come from PoolMember resources. */
export interface FrontendPool {
  /** Of the tier, within this Frontend. */
  readonly name: string;
  /** Name of each Backend, with its weight. */
  readonly backends?: PoolBackends;
}

/** How traffic moves between the tiers of a listener and to their members. spec/balance "Rules". */
export interface TierRules {
  /** Default true: flows to a backend that goes down are cut. */
  readonly flushOnDown?: boolean;
  /** How long a better pool must have been usable before traffic goes back to it; default at once. */
  readonly failbackDelay?: string;
  /** How many backends of a pool must be up for it to be usable, default 1. */
  readonly minUp?: number;
  /** `up` (default): any up backend counts; `up-weighted`: only those with a weight above 0. */
  readonly poolActivation?: PoolActivation;
  /** A backend that comes up gets its weight in steps over this time; default at once. */
  readonly slowStart?: string;
  /** Default `drop`. */
  readonly allDown?: AllDownMode;
}

/**
 * A VIP and the pools that serve it, in order of preference: the short form of a LoadBalancer with one Listener, see
 * `compileFrontend`. Reference 2.7; the options beyond from spec/balance.
 */
export interface FrontendSpec extends TierRules {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** The VIP. */
  readonly address: string;
  /** Only nodes of this group serve it; absent: every node. */
  readonly nodeGroup?: string;
  /** Absent together with `port` = any. */
  readonly protocol?: 'tcp' | 'udp';
  /** 0 or absent = all ports. */
  readonly port?: number;
  /** Tiers in order of preference: the first one that is usable serves. */
  readonly pools: readonly FrontendPool[];
  /** Default `maglev`. */
  readonly algorithm?: Algorithm;
  /** Default false. */
  readonly srcIpSticky?: boolean;
}

/**
 * One backend in one pool, as a resource of its own, so that a plugin can bring it. The pool is one of a Frontend
 * (`frontendRef` and `pool`) or a Pool (`poolRef`): exactly one of the two is given. Its name follows, see
 * `poolMemberName`: the same pair twice is the same resource, so it is a conflict.
 */
export interface PoolMemberSpec {
  /** Name of the Frontend, together with `pool`. */
  readonly frontendRef?: string;
  /** Name of the pool within that Frontend. */
  readonly pool?: string;
  /** Name of the Pool; in place of the other two. */
  readonly poolRef?: string;
  /** Name of the Backend. */
  readonly backendRef: string;
  /** 0-100, default 100. */
  readonly weight?: number;
}

/** Settings of the whole health service; its only name is `default`. Reference 2.3, spec/health "State machine". */
export interface HealthCheckerSpec {
  /** Transitions shown per backend, default 5. */
  readonly transitionHistory?: number;
  /** Namespace in which probes run unless their HealthCheck says otherwise. */
  readonly netns?: string;
  /** Transitions to down are held when more than this share of at least 10 backends fails at once; default 50, 100 = off. */
  readonly guardPercent?: number;
}

/** Where a node listens for a VIP that it cannot have itself. */
export interface ListenMapEntry {
  /** The VIP. */
  readonly vip: string;
  /** 1-65535; absent: every port of the VIP that has no entry of its own. */
  readonly port?: number;
  /** An address of the node. */
  readonly listen: string;
  /** 1-65535; absent: the port of the VIP. */
  readonly listenPort?: number;
}

/** A load-balancing node and its data plane; its name is what the agent there is called. ADR 0023, reference 2.4. */
export interface NodeSpec {
  /** Its data plane. */
  readonly driver: NodeDriver;
  /** Groups that it is in: what is said of one of them is said of it. */
  readonly groups?: readonly string[];
  /** What fails together with it, such as a rack: VIPs that shall stay apart are led in different ones if there are. */
  readonly zone?: string;
  /** Of the daemon that speaks BGP; absent: it finds one itself. */
  readonly routerId?: string;
  /** Frontends and Listeners that it serves, those of other projects as `project/name`; absent: all. */
  readonly listeners?: readonly string[];
  /** Listeners that listen elsewhere on this node than at their VIP. */
  readonly listenMap?: readonly ListenMapEntry[];
  /** How often the agent compares the data plane with the desired state, default 30s. */
  readonly syncInterval?: string;
  /** For how long after the balancer's start a listener that is new on the node waits in any case; default 5s. */
  readonly startupMinDelay?: string;
  /** From when on it no longer waits for backends that are unknown; default 30s. */
  readonly startupMaxDelay?: string;
  /** How long a flow of UDP is remembered without a datagram, default 40s. */
  readonly flowTimeout?: string;
}

/** Settings of a VPP data plane, those of the Node `vpp`; its only name is `default`. Reference 2.4. */
export interface VppDataPlaneSpec {
  /** Source address of the tunnels to targets with IPv4. */
  readonly ipv4SrcAddress: string;
  /** Source address of the tunnels to targets with IPv6. */
  readonly ipv6SrcAddress: string;
  /** Default 30s. */
  readonly syncInterval?: string;
  /** Default 5s; `0s` is allowed here. */
  readonly startupMinDelay?: string;
  /** Default 30s; `0s` is allowed here. */
  readonly startupMaxDelay?: string;
  /** Default 40s. */
  readonly flowTimeout?: string;
  /** A power of two, default 1024. */
  readonly stickyBucketsPerCore?: number;
}

/** A time in which alarms are silent. Probes go on. Without `backends` and `frontends` it is for everything. */
export interface MaintenanceWindowSpec {
  /** RFC 3339. */
  readonly from: string;
  /** RFC 3339, after `from`. */
  readonly to: string;
  /** Why, for people. */
  readonly reason?: string;
  /** Names of Backends whose alarms are silent. */
  readonly backends?: readonly string[];
  /** Names of Frontends whose alarms are silent. */
  readonly frontends?: readonly string[];
}

/** Defaults of a HealthCheck. Reference 2.5. */
export const HEALTH_CHECK_DEFAULTS = {
  rise: 2,
  fall: 3,
  counter: 'haproxy',
  path: '/',
  responseCode: '200',
  recordType: 'A',
  warnBefore: '168h',
} as const;

/** Defaults of the HealthChecker. Reference 2.3, spec/health. */
export const HEALTH_CHECKER_DEFAULTS = { transitionHistory: 5, guardPercent: 50 } as const;

/** Weight of a pool member that does not name one. Reference 2.7. */
export const DEFAULT_WEIGHT = 100;

/** Name of the kinds that exist once. */
export const SINGLETON_NAME = 'default';
