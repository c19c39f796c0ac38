/** Bodies of the REST API about backends, frontends and checks (docs/reference/rest-api.md). */

import type {
  Alarm,
  AllDownMode,
  BackendState,
  BackendVitals,
  Endpoint,
  FrontendState,
  HealthCheckSpec,
  HealthResult,
  OperatorNote,
  PoolActivation,
  WeightReason,
} from '@signalbox/contracts';

/** Where a thing of the effective config comes from: people, at a revision, or a part. */
export interface Origin {
  readonly revision?: number;
  readonly part?: { readonly source: string; readonly generation: number };
  readonly facts?: { readonly group: string; readonly ids: readonly string[] };
}

export interface BackendItem extends Endpoint {
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
  /** Absent for static backends. */
  readonly healthcheck?: string;
  readonly state: BackendState;
  readonly enabled: boolean;
  readonly since: string;
  readonly at: string;
  readonly version: number;
  readonly result: HealthResult;
  readonly by?: OperatorNote;
  readonly frontends: readonly string[];
}

export interface TransitionItem {
  readonly version: number;
  readonly at: string;
  readonly from?: BackendState;
  readonly to: BackendState;
  readonly result: HealthResult;
  readonly by?: OperatorNote;
}

export interface BackendDetail extends BackendItem {
  /** Newest first. */
  readonly transitions: readonly TransitionItem[];
  /** Absent while the health service does not answer. */
  readonly vitals?: BackendVitals;
  readonly origin?: Origin;
}

/** A backend after a command; `changed` is false when it was so already. */
export interface BackendOutcome extends BackendDetail {
  readonly changed: boolean;
}

export interface TargetItem {
  readonly name: string;
  readonly address?: string;
  readonly port?: number;
  readonly state: BackendState | 'missing';
  readonly enabled: boolean;
  readonly weight: number;
  readonly effective: number;
  readonly flush: boolean;
  readonly why: WeightReason;
  readonly since: string;
  readonly override?: {
    readonly weight: number;
    readonly author: string;
    readonly reason?: string;
    readonly at: string;
    readonly expiresAt?: string;
  };
}

export interface FrontendItem {
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
  readonly description?: string;
  readonly address: string;
  readonly protocol: 'tcp' | 'udp' | 'any';
  /** 0 = all. */
  readonly port: number;
  readonly state: FrontendState;
  readonly since: string;
  readonly activePool: string;
  readonly srcIpSticky: boolean;
  readonly flushOnDown: boolean;
  readonly failbackDelay?: string;
  readonly minUp?: number;
  readonly poolActivation?: PoolActivation;
  readonly slowStart?: string;
  readonly allDown?: AllDownMode;
  readonly pools: readonly { readonly name: string; readonly backends: readonly TargetItem[] }[];
  readonly origin?: Origin;
}

export interface HealthCheckItem {
  readonly name: string;
  /** Absent: default. */
  readonly project?: string;
  readonly spec: HealthCheckSpec;
  readonly backends: readonly string[];
  readonly origin?: Origin;
}

export interface AlarmsAnswer {
  readonly items: readonly Alarm[];
}
