/** Bodies of the REST API about nodes, listeners, load balancers and pools (docs/reference/rest-api.md). */

import type {
  Algorithm,
  BackendState,
  Capabilities,
  ErrorBody,
  FrontendState,
  ListenerCounters,
  ListenerProtocol,
  NodeDriver,
  NodeListenerState,
  NodePeerReport,
  NodePolicy,
  NodeRunState,
  NodeVipReport,
  InsertableHeader,
  OperatingStatus,
  ProvisioningStatus,
  ProxyProtocol,
  ServedCertificate,
  TlsVersion,
} from '@signalbox/contracts';
import type { FrontendItem, Origin, TargetItem } from './balance-shapes.js';

/** How a listener stands on a node. */
export interface ServingItem {
  readonly generation?: number;
  readonly listensAt?: { readonly address: string; readonly port: number };
  readonly digest?: string;
  readonly tableDigest?: string;
  readonly certificates?: readonly ServedCertificate[];
  readonly error?: Pick<ErrorBody, 'code' | 'message'>;
  readonly warning?: string;
  readonly at?: string;
}

export interface NodeItem {
  readonly name: string;
  readonly driver?: NodeDriver;
  /** `missing`: it never reported. */
  readonly state: NodeRunState | 'missing';
  /** Its agent does not answer: what is told is of before. */
  readonly silent?: boolean;
  readonly since?: string;
  readonly at?: string;
  readonly version?: number;
  readonly error?: Pick<ErrorBody, 'code' | 'message'>;
  readonly epoch?: string;
  readonly appliedGeneration?: number;
  /** Equal on nodes that do the same. */
  readonly trafficDigest?: string;
  readonly drained?: boolean;
  /** An operator wants it drained. */
  readonly drain?: { readonly author: string; readonly since: string; readonly reason?: string };
  readonly refused: number;
  readonly vipCounts: { readonly announced: number; readonly all: number };
  readonly peerCounts?: { readonly up: number; readonly all: number };
  readonly origin?: Origin;
}

export interface NodeDetail extends NodeItem {
  readonly vips: readonly NodeVipReport[];
  readonly peers: readonly NodePeerReport[];
  readonly capabilities?: Capabilities;
  readonly listeners: readonly (ServingItem & {
    readonly listener: string;
    readonly state: NodeListenerState;
  })[];
}

/** A listener without its pools and nodes. */
export interface ListenerStatusItem {
  readonly name: string;
  readonly protocol: ListenerProtocol | 'any';
  /** 0 = all. */
  readonly port: number;
  readonly provisioningStatus: ProvisioningStatus;
  readonly provisioningReason?: string;
  readonly operatingStatus: OperatingStatus;
  readonly operatingReason?: string;
}

export interface ListenerItem extends ListenerStatusItem {
  readonly project?: string;
  readonly declaredBy: 'Frontend' | 'Listener';
  readonly loadBalancer: string;
  readonly description?: string;
  readonly address?: string;
  readonly enabled: boolean;
  readonly algorithm: Algorithm;
  readonly forwarding?: 'dsr';
  readonly connectionLimit?: number;
  readonly tls?: {
    readonly certificates: readonly string[];
    readonly minVersion: TlsVersion;
    readonly http2: boolean;
  };
  readonly insertHeaders?: readonly InsertableHeader[];
  readonly policies?: readonly NodePolicy[];
  readonly proxyProtocol?: ProxyProtocol;
  readonly state: FrontendState;
  readonly since: string;
  readonly activePool: string;
  readonly pools: FrontendItem['pools'];
  readonly policyPools?: readonly (FrontendItem['pools'][number] & { readonly algorithm: Algorithm })[];
  readonly nodes: readonly (ServingItem & {
    readonly node: string;
    readonly driver?: NodeDriver;
    readonly state: NodeListenerState | 'missing';
    readonly current: boolean;
    readonly waits?: string;
  })[];
  readonly digestsAgree?: boolean;
  readonly origin?: Origin;
}

export interface LoadBalancerItem {
  readonly name: string;
  readonly project?: string;
  readonly declaredBy: 'Frontend' | 'LoadBalancer';
  readonly description?: string;
  readonly address?: string;
  readonly vipClaim?: string;
  readonly enabled: boolean;
  readonly provisioningStatus: ProvisioningStatus;
  readonly operatingStatus: OperatingStatus;
  readonly listeners: readonly ListenerStatusItem[];
  readonly origin?: Origin;
}

export interface PoolItem {
  readonly name: string;
  readonly project?: string;
  readonly declaredBy: 'Frontend' | 'Pool';
  readonly description?: string;
  readonly algorithm: Algorithm;
  readonly listeners: readonly {
    readonly listener: string;
    readonly tier?: number;
    readonly policies?: readonly string[];
    readonly active: boolean;
  }[];
  readonly members: readonly {
    readonly name: string;
    readonly address?: string;
    readonly port?: number;
    readonly state: BackendState | 'missing';
    readonly listeners: readonly (TargetItem & { readonly listener: string })[];
  }[];
  readonly origin?: Origin;
}

/** What nodes counted for a listener. */
export type TrafficItem = Omit<ListenerCounters, 'listener' | 'targets' | 'times' | 'policyPools'>;

export interface ListenerStatsItem {
  readonly name: string;
  readonly project?: string;
  readonly at: string;
  readonly total: TrafficItem;
  readonly nodes: readonly (Omit<ListenerCounters, 'listener'> & { readonly node: string })[];
  readonly silent: readonly string[];
}

/** What a drain did: every place where the backend is a target, as it is now. */
export interface DrainAnswer {
  readonly backend: string;
  readonly targets: readonly {
    readonly listener: string;
    readonly pool: string;
    readonly weight: number;
    readonly effective: number;
  }[];
}
