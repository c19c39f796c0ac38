import type { ChangeOrigin } from './access/principal.js';
import { CHANGE_ORIGIN } from './access/origin-schema.js';
import type { ErrorBody } from './errors.js';
import type { NodeCountersQuestion } from './node-state/node-answers.js';
import type { NodeDriver } from './node-state/node-manifest.js';
import { VPP_QUESTIONS, type VppQuestion, type VppSyncQuestion } from './node-state/node-vpp.js';
import { BACKEND_COMMANDS, type BackendCommand, type HealthResult } from './records/backend-record.js';
import type { ResourceRef } from './resource.js';
import { requestReader } from './request-reader.js';
import { FLAG, NON_BLANK, oneOf, shape, TEXT, text } from './schema/shape.js';
import { type ServiceName, SERVICES } from './services.js';

/**
 * Requests and answers of `health` and `balancer` on core NATS (architecture section 6, rule 10). Backends and
 * frontends are named by their scoped names.
 */

/** `cmd.health.backend`: an operator command. Errors: `not-found`, `wrong-state` (R1), `not-ready`. */
export interface BackendCommandRequest {
  readonly backend: string;
  readonly command: BackendCommand;
  readonly author: string;
  readonly reason?: string;
  readonly from?: ChangeOrigin;
}

/** `cmd.health.heartbeat`: a heartbeat of a backend whose check is `push`. Errors: `not-found`, `wrong-state`. */
export interface HeartbeatRequest {
  readonly backend: string;
  /** Default true; false says that the backend itself finds that it does not work. */
  readonly ok?: boolean;
  /** At most 200 characters. */
  readonly detail?: string;
}

/** `cmd.balancer.weight`: sets the weight of one pool member at run time; `null` gives it back to the config. */
export interface WeightRequest {
  readonly frontend: string;
  readonly pool: string;
  readonly backend: string;
  readonly weight: number | null;
  readonly author: string;
  readonly reason?: string;
  readonly expiresAt?: string;
  readonly from?: ChangeOrigin;
}

/** `cmd.balancer.node`: drains a node, or has it announce again. Errors: `not-found`, `not-ready`. */
export interface NodeDrainRequest {
  readonly node: string;
  readonly drained: boolean;
  readonly author: string;
  readonly reason?: string;
  readonly from?: ChangeOrigin;
}

/** What became of it: the sequence of the newest record of the node in JOURNAL; absent: there was never one, and it is not drained. */
export interface NodeDrainAnswer {
  readonly seq?: number;
}

/** What a command set in motion: the last message that was appended to ACTIVITY because of it; absent when nothing changed. */
export interface CommandAnswer {
  readonly seq?: number;
}

/** `ask.health.backend` {backend}: what `health` knows beyond the records; lost with the process. */
export interface BackendVitals {
  readonly counter: number;
  /** Highest value of the counter, rise + fall - 1. */
  readonly max: number;
  readonly rise: number;
  readonly fall: number;
  readonly degraded?: string;
  /** The last result; absent before the first one. */
  readonly last?: HealthResult & { readonly at: string; readonly durationMs: number };
  /** Time between probes now; absent when none are made. */
  readonly intervalMs?: number;
  /** Until when the guard holds its transition to down. */
  readonly heldUntil?: string;
}

/** `ask.balancer.placement` {listener?}: where listeners are, all of them or one. Errors: `not-found`, `not-ready`. */
export interface PlacementAnswer {
  /** Sorted by name. */
  readonly listeners: readonly ListenerPlacement[];
}

/** `ask.balancer.vippools`: how much of each VipPool is given, in no order. Error: `not-ready`. */
export interface VipPoolsAnswer {
  readonly pools: readonly VipPoolCounts[];
}

/** Addresses of a VipPool that somebody has, and those in quarantine. */
export interface VipPoolCounts {
  readonly pool: string;
  readonly used: number;
  readonly quarantined: number;
}

/** `ask.balancer.sources`: how it stands with each BackendSource, in no order. Error: `not-ready`. */
export interface SourcesAnswer {
  readonly sources: readonly SourceStatus[];
}

/** States of a BackendSource: nothing was heard of it since the start; what it has is known; it cannot be asked. */
export const SOURCE_STATES = ['starting', 'synced', 'unavailable'] as const;

/** How it stands with a BackendSource. */
export interface SourceStatus {
  /** Scoped name. */
  readonly source: string;
  readonly state: (typeof SOURCE_STATES)[number];
  readonly since: string;
  /** Why it is unavailable. */
  readonly reason?: string;
  /** Backends in pools that it has in the config, or proposes. */
  readonly endpoints: number;
  /** How many of them get nothing new. */
  readonly draining: number;
  /** More than `maxRemovedPercent` would leave: none of them does. */
  readonly heldBack?: { readonly leaving: number; readonly of: number; readonly since: string };
  /** What of it was left out, and why; at most 20. */
  readonly refused: readonly string[];
  /** Why the part that it proposed last is not in the config. The one before is. */
  readonly rejected?: ErrorBody & { readonly since: string };
}

/** Which nodes shall serve a listener. Whether they do is what they report themselves. */
export interface ListenerPlacement {
  /** Scoped name. */
  readonly listener: string;
  /** Sorted by name; empty when it is unplaced. */
  readonly nodes: readonly NodePlacement[];
  /** Why no node shall serve it. */
  readonly unplaced?: string;
}

/** What one node was told of a listener. */
export interface NodePlacement {
  readonly node: string;
  readonly driver: NodeDriver;
  /** Generation of the state that the node was told last; absent until it was told of the listener. */
  readonly generation?: number;
  /** Digest of what it was told: a node that reports the same one has applied it. */
  readonly digest?: string;
  /** Why it was not told yet, or not of the newest state. */
  readonly waits?: string;
}

/**
 * Kinds of alarms. `mass-failure`: the global-failure guard holds transitions to down. `prober-short`: probes give no
 * verdict because the prober itself is short of descriptors, processes, memory or ports. `service-silent`: a service does
 * not say what is wrong, so more may be. `node-silent`: nor the agent of a node that
 * shall serve listeners. `data-plane-unavailable`, `listener-refused`, `desired-state-incomplete`: of a load-balancing node: its
 * data plane does not answer, cannot do a listener, or what it shall do is not all there.
 * `sink-degraded`, `sink-drifted`, `sink-held`: what a sink should write is not there: it failed, somebody else changed the target, or a guard holds it.
 * `storage-nearly-full`: a stream will refuse or lose messages soon. `storage-refused`: NATS takes nothing more for a kind of
 * messages: it is full, or stores nothing since it met a full disk. `table-mismatch`: nodes with the same state of a listener
 * choose its targets differently. `announcer-unavailable`, `vip-refused`, `bgp-peer-down`: of a load-balancing node: its VIPs do not come
 * onto the network, one does not, or a router does not hear of them. `vip-missing`: a claim or load balancer has no address.
 * `vip-not-announced`: an Announcement is for a VIP, and for 10 s no node has announced or led it.
 */
export const ALARM_KINDS = [
  'announcer-unavailable',
  'backend-down',
  'bgp-peer-down',
  'data-plane-unavailable',
  'desired-state-incomplete',
  'frontend-down',
  'group-missing',
  'mass-failure',
  'node-silent',
  'prober-short',
  'listener-closed',
  'listener-refused',
  'peer-refuses',
  'peer-unreachable',
  'plugin-missing',
  'plugin-suspended',
  'plugin-unusable',
  'secret-missing',
  'service-silent',
  'sink-degraded',
  'sink-drifted',
  'sink-held',
  'source-held-back',
  'source-rejected',
  'source-unavailable',
  'storage-nearly-full',
  'storage-refused',
  'subscription-suspended',
  'table-mismatch',
  'vip-missing',
  'vip-not-announced',
  'vip-refused',
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** `ask.<service>.alarms`: what is wrong now, as that service sees it. */
export interface Alarm {
  readonly kind: AlarmKind;
  /**
   * What it is about: a backend, frontend or listener (their scoped name), group, node, peer, subscription, plugin or
   * stream; `health` for the guard.
   */
  readonly name: string;
  /** Of a backend, frontend or listener outside `default`. */
  readonly project?: string;
  /** One word for programs: an error code where there is one. */
  readonly reason?: string;
  /** The declared resources that work less for it, most concerned first. */
  readonly resources?: readonly AlarmedResource[];
  readonly since: string;
  readonly text: string;
  /** Why nobody is to be woken: a maintenance window, or a dependency that is down itself. */
  readonly silencedBy?: string;
}

/** A resource by what identifies it; all that have alarms are in the project `default`. */
export type AlarmedResource = Pick<ResourceRef, 'apiVersion' | 'kind' | 'name'>;

/** Answer to `ask.balancer.alarms`: also the nodes that it gave listeners to, by name. */
export interface BalancerAlarmsAnswer {
  readonly alarms: readonly Alarm[];
  readonly nodes: readonly string[];
}

/** Answer to `ask.dataplane-agent.alarms`, of each node. */
export interface NodeAlarmsAnswer {
  readonly node: string;
  readonly alarms: readonly Alarm[];
}

/** A service that tells alarms. */
export type AlarmService = Exclude<ServiceName, 'api' | 'renderer'>;

/** The services that tell alarms, by name. */
export const ALARM_SERVICES: readonly AlarmService[] = SERVICES.filter(
  (name): name is AlarmService => name !== 'api' && name !== 'renderer',
).sort();

/** Services whose watermarks tell that a backend or frontend change is readable; see `Watermark`. */
export const BALANCE_MARKS = {
  /** `health` handled a generation; `appended` = its last backend record. */
  healthConfig: 'health.config',
  /** `balancer` handled a generation; `appended` = its last frontend record. */
  balancerConfig: 'balancer.config',
  /** `balancer` handled a backend record; `appended` = its last frontend record. */
  balancerBackends: 'balancer.backends',
} as const;

/** Reads `cmd.health.backend`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readBackendCommand = requestReader<BackendCommandRequest>(
  'the command',
  shape<BackendCommandRequest>(
    { backend: NON_BLANK, command: oneOf(BACKEND_COMMANDS), author: NON_BLANK },
    { reason: TEXT, from: CHANGE_ORIGIN },
  ),
);

/** Reads `cmd.health.heartbeat`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readHeartbeat = requestReader<HeartbeatRequest>(
  'the heartbeat',
  shape<HeartbeatRequest>({ backend: NON_BLANK }, { ok: FLAG, detail: TEXT }),
);

/** Reads the body of `heartbeat.<name>`, which names no backend and may be empty. Throws as {@link readHeartbeat}. */
export const readHeartbeatBody = requestReader<Omit<HeartbeatRequest, 'backend'>>(
  'the heartbeat',
  shape<Omit<HeartbeatRequest, 'backend'>>({}, { ok: FLAG, detail: TEXT }),
);

/** Reads `ask.health.backend`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readBackendQuestion = requestReader<{ readonly backend: string }>(
  'the question',
  shape<{ backend: string }>({ backend: NON_BLANK }),
);

/** Reads `ask.balancer.placement`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readPlacementQuestion = requestReader<{ readonly listener?: string }>(
  'the question',
  shape<{ listener?: string }>({}, { listener: NON_BLANK }),
);

/** Reads `ask.dataplane-agent.<node>.counters`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readCountersQuestion = requestReader<NodeCountersQuestion>(
  'the question',
  shape<NodeCountersQuestion>({}, { listener: NON_BLANK }),
);

/** Reads `cmd.balancer.node`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readNodeDrainRequest = requestReader<NodeDrainRequest>(
  'the command',
  shape<NodeDrainRequest>(
    { node: NON_BLANK, drained: FLAG, author: NON_BLANK },
    { reason: TEXT, from: CHANGE_ORIGIN },
  ),
);

/** Reads `ask.dataplane-agent.<node>.vpp`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readVppQuestion = requestReader<VppQuestion>(
  'the question',
  shape<VppQuestion>({ about: oneOf(VPP_QUESTIONS) }),
);

/** Reads `ask.dataplane-agent.<node>.vpp-sync`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readVppSyncQuestion = requestReader<VppSyncQuestion>(
  'the question',
  shape<VppSyncQuestion>({}, { listener: NON_BLANK }),
);

/** Reads `cmd.balancer.weight`. Throws `bad-text`, `bad-json`, `validation-failed`. */
export const readWeightRequest = requestReader<WeightRequest>(
  'the weight',
  shape<WeightRequest>(
    {
      frontend: NON_BLANK,
      pool: NON_BLANK,
      backend: NON_BLANK,
      weight: { type: ['integer', 'null'], minimum: 0, maximum: 100 },
      author: NON_BLANK,
    },
    { reason: TEXT, expiresAt: text('timestamp'), from: CHANGE_ORIGIN },
  ),
);
