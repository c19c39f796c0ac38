/**
 * Typed spec of `BackendSource`; the JSON Schema beside the kind accepts exactly this shape. spec/balance "Discovery",
 * ADR 0028.
 */

import type { AddressFamily } from '../../ip-address.js';

/** What is known of backends elsewhere, and brought into Pools as it changes there. Exactly one of the four ways is given. */
export interface BackendSourceSpec {
  /** For people; nothing reads it. */
  readonly description?: string;
  /** Name of the Pool that the backends join; of `kubernetes` absent: its Services bring Pools of their own. */
  readonly pool?: string;
  /** Name of the HealthCheck of the backends; absent: they are not probed. */
  readonly healthCheck?: string;
  /** Weight of backends of which the source says none, 0-100. Default 100. */
  readonly weight?: number;
  /** How long a backend that left the source stays with weight 0. Default 30s, of `kubernetes` 0s. */
  readonly drain?: string;
  /** What becomes of the backends while the source cannot be asked. Default `hold`: they stay as they are. */
  readonly onUnavailable?: 'hold' | 'drain';
  /** How long a source must be away before `onUnavailable` counts and an alarm says so. Default 1m. */
  readonly unavailableAfter?: string;
  /** Most percent of the backends that may leave at once; when more would, all of them stay. 1-100, default 100. */
  readonly maxRemovedPercent?: number;
  /** Registrations: each live fact of a type is a backend. */
  readonly facts?: FactSourceSpec;
  /** Addresses behind a name. */
  readonly dns?: DnsSourceSpec;
  /** A list of backends in a file on the machine of `balancer`. */
  readonly file?: FileSourceSpec;
  /** Services of a Kubernetes cluster. */
  readonly kubernetes?: KubernetesSourceSpec;
}

/** Registrations: each live fact of a type is a backend, for as long as it is renewed. */
export interface FactSourceSpec {
  /** Name of the EventGroup. */
  readonly group: string;
  /** Type of the facts. */
  readonly type: string;
  /** Absent: of any subject. */
  readonly subject?: string;
  /** A later fact of this type with the same origin and key or subject ends a registration. */
  readonly retractType?: string;
  /** Only registrations with all of these tags. */
  readonly tags?: readonly string[];
  /** How long a fact without an expiry counts. Default 1m. */
  readonly ttl?: string;
}

/** Record types that a `dns` source asks for. */
export const SOURCE_RECORD_TYPES = ['A', 'AAAA', 'SRV'] as const;

/** Addresses behind a name, asked for again when their TTL ends. */
export interface DnsSourceSpec {
  /** What is asked for. */
  readonly name: string;
  /** Type of the records. */
  readonly type: (typeof SOURCE_RECORD_TYPES)[number];
  /** Port of the backends; of `A` and `AAAA`, which have none. */
  readonly port?: number;
  /** Family of the addresses of targets; of `SRV`, whose records name hosts: all behind one VIP are of one. Default ipv4. */
  readonly family?: AddressFamily;
  /** `address` or `address:port` of servers to ask in order; absent: those of the machine. */
  readonly servers?: readonly string[];
  /** Never ask more often than this. Default 5s. */
  readonly minInterval?: string;
  /** Never ask less often than this. Default 1m. */
  readonly maxInterval?: string;
}

/** A list of backends in a file of the machine of `balancer`. */
export interface FileSourceSpec {
  /** Path below the directory of sources, JSON or YAML. */
  readonly path: string;
}

/** Services of a Kubernetes cluster with their EndpointSlices. */
export interface KubernetesSourceSpec {
  /** URL of the API server. */
  readonly server: string;
  /** Directory below the directory of sources with `token` and `ca.crt`, as Pods have them; absent: neither is used. */
  readonly credentials?: string;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** Label selector of Services, as the API server takes it; absent: all. */
  readonly selector?: string;
  /** Services of type LoadBalancer with this `loadBalancerClass`; absent: those without one. */
  readonly loadBalancerClass?: string;
  /** Name of the VipPool that their addresses come from; absent: any that serves the project. */
  readonly vipPool?: string;
  /** Default true: the VIP is written into the status of the Service. */
  readonly writeStatus?: boolean;
}

/** What a source says of itself when it says nothing. Durations as people write them. */
export const SOURCE_DEFAULTS = {
  weight: 100,
  drain: '30s',
  kubernetesDrain: '0s',
  unavailableAfter: '1m',
  maxRemovedPercent: 100,
  factTtl: '1m',
  dnsFamily: 'ipv4',
  dnsMinInterval: '5s',
  dnsMaxInterval: '1m',
} as const;

/** The ways to learn of backends. */
export const SOURCE_WAYS = ['facts', 'dns', 'file', 'kubernetes'] as const;
export type SourceWay = (typeof SOURCE_WAYS)[number];

/** The way of a valid source. */
export function wayOf(spec: BackendSourceSpec): SourceWay {
  return SOURCE_WAYS.find((way) => spec[way] !== undefined) ?? 'facts';
}
