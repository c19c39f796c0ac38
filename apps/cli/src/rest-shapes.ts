/** Bodies of the REST API as the commands read them (docs/reference/rest-api.md). */

import type {
  ActionPlan,
  Alarm,
  Condition,
  Directive,
  ErrorBody,
  Resource,
  ResourceRef,
  WaitingReason,
} from '@signalbox/contracts';

import type { Effect } from './effect-shapes.js';

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string | null;
}

export interface PlanEntry extends ResourceRef {
  readonly action: 'added' | 'changed' | 'removed' | 'unchanged';
  readonly fields?: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[];
  readonly renamedFrom?: string;
  readonly renamedTo?: string;
}

export interface ApplyAnswer {
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly pending: boolean;
  /** Who has not followed yet when `pending`. */
  readonly waitingFor?: readonly string[];
  readonly generation: number;
  readonly plan: readonly PlanEntry[];
  /** What was given, accepted and does not do what it says. */
  readonly warnings?: readonly ApplyWarning[];
  /** What would follow; of a dry run. */
  readonly effect?: Effect;
}

export interface ApplyWarning extends ResourceRef {
  readonly pointer: string;
  readonly reason: string;
  readonly message: string;
}

export interface ResourceItem {
  readonly resource: Resource;
  readonly revision: number;
  readonly set: string | null;
  readonly status?: { readonly conditions: readonly Condition[] };
}

export interface EventItem {
  readonly id: string;
  readonly group: string;
  readonly sourceNode?: string;
  readonly type: string;
  readonly subject?: string;
  readonly dedupeKey: string;
  readonly payload?: Readonly<Record<string, string>>;
  readonly observedAt: string;
  readonly expiresAt?: string;
  readonly seq?: number;
  readonly version?: number;
  readonly own?: boolean;
  readonly way?: string;
  readonly acceptedAt?: string;
  readonly expired?: boolean;
}

export interface EmitAnswer {
  readonly accepted: boolean;
  readonly id: string;
  readonly duplicate: boolean;
  readonly refreshed: boolean;
  readonly seq: number;
}

export interface DeliveryItem {
  readonly eventId: string;
  readonly group: string;
  readonly peer: string;
  /** Node of the peer; null once it is not declared. */
  readonly node: string | null;
  readonly status: string;
  readonly attempts: number;
  readonly lastAttempt: string | null;
  readonly lastError: string | null;
  readonly deliveredAt: string | null;
  readonly version: number;
  readonly expiresAt: string | null;
}

export interface ExecutionItem {
  readonly attempt: number;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly durationMs: number;
  readonly exitCode?: number;
  readonly signal?: string;
  readonly pluginDigest?: string;
  readonly stderr?: string;
  readonly outcome: string;
  readonly error?: ErrorBody;
}

/** One changeset of operator resources. */
export interface RevisionItem {
  readonly revision: number;
  readonly at: string;
  readonly author: string;
  readonly message: string;
}

/** What a changeset did to one resource. */
export interface RevisedItem {
  readonly action: 'added' | 'changed' | 'removed';
  readonly apiVersion: string;
  readonly kind: string;
  readonly project: string;
  readonly name: string;
}

export interface RunItem {
  readonly runId: string;
  /** Of a run that no subscription started. */
  readonly trigger?: {
    readonly type: string;
    readonly configSource?: string;
    readonly author?: string;
    readonly topic?: string;
    readonly seq?: number;
  };
  readonly subscription?: string;
  readonly plugin: string;
  readonly group?: string;
  readonly revision: number;
  readonly source: string;
  readonly state: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly facts: readonly {
    readonly seq: number;
    readonly id: string;
    readonly origin: string;
    readonly factKey: string;
    readonly subject: string;
  }[];
  readonly halving?: { readonly of: string; readonly rest: readonly (readonly object[])[] };
  readonly remakes?: { readonly source: string; readonly generation: number; readonly reason: string };
  readonly outcomes?: readonly {
    readonly eventId: string;
    readonly outcome: string;
    readonly reason?: string;
  }[];
  readonly plannedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly retryAt?: string;
  readonly errorCode?: string;
  readonly error?: string;
  readonly executions: readonly ExecutionItem[];
}

/** What a run that is tried once more is answered with. */
export interface PlannedAttempt {
  readonly runId: string;
  readonly attempt: number;
}

/** A page of runs, with the subscriptions that cannot start any. */
export interface RunPage extends Page<RunItem> {
  readonly waiting?: readonly {
    readonly subscription: string;
    readonly waitsFor: string;
    readonly reason: WaitingReason;
    readonly facts: number;
  }[];
}

export interface PartItem {
  readonly source: string;
  readonly owner: string;
  readonly generation: number;
  readonly state: string;
  readonly reason: string | null;
  readonly resources: number;
  readonly directives: number;
  readonly actionPlans: number;
  readonly observedAt: string;
  /** Null: it is held. */
  readonly expiresAt: string | null;
  /** It was retracted: when it goes, and why. */
  readonly withdrawAt?: string;
  readonly withdrawReason?: string;
  readonly digest: string;
  readonly runId: string;
  readonly subscription?: string;
  readonly plugin?: string;
  readonly handedOverTo?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly body?: {
    readonly resources: readonly Resource[];
    readonly directives: readonly Directive[];
    readonly actionPlans: readonly ActionPlan[];
  };
}

/** A resource of the effective config that a part brought. */
export interface DerivedResource extends ResourceRef {
  readonly source: string;
  readonly generation: number;
}

export interface RouterDocument {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly resources: readonly Resource[] };
}

export interface SuppressedResource extends ResourceRef {
  readonly maskedBy: string;
  /** Null: a part that masks it is held. */
  readonly maskedUntil: string | null;
  readonly reason?: string;
}

interface PartEnd {
  readonly source: string;
  readonly generation: number;
  /** Null: it is held. */
  readonly expiresAt: string | null;
}

export interface DiffAnswer {
  readonly generation: number;
  readonly suppressed: readonly SuppressedResource[];
  readonly addedResources: readonly DerivedResource[];
  readonly activeParts: readonly PartEnd[];
  readonly expiredParts: readonly PartEnd[];
  readonly quarantined: readonly {
    readonly source: string;
    readonly generation: number;
    readonly reason: string;
  }[];
}

/** A generation that a question about the past was answered from. */
export interface ConfigMoment {
  readonly generation: number;
  readonly at: string;
  readonly digest: string;
}

/** What became of a resource of the effective config. */
export interface ConfigChange extends PlanEntry {
  readonly source?: string;
  readonly revision?: number;
}

/** A generation of the effective config: when, who, why, what. */
export interface GenerationItem {
  readonly generation: number;
  readonly at: string;
  readonly revision: number;
  readonly digest: string;
  readonly resources: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly why: string;
  /** The first. */
  readonly changes: readonly PlanEntry[];
  readonly quarantined: DiffAnswer['quarantined'];
}

/** A version of a resource of the effective config. */
export interface VersionItem {
  readonly generation: number;
  /** Null: its generation is no longer kept. */
  readonly at: string | null;
  readonly action: 'added' | 'changed';
  readonly why: string;
  readonly fields?: PlanEntry['fields'];
  readonly part?: OriginPart;
  readonly revision?: {
    readonly revision: number;
    readonly author: string;
    readonly message: string;
    readonly at: string;
  };
  readonly went?: { readonly generation: number; readonly at: string | null; readonly why: string };
}

export interface OriginPart {
  readonly source: string;
  readonly generation: number;
  readonly state: string;
  readonly acceptedAt: string;
  readonly expiresAt: string | null;
  readonly plugin: string | null;
  readonly revision: number | null;
}

/** A resource down to where it came from. */
export interface ResourceExplanation extends ResourceRef {
  readonly state: 'present' | 'masked' | 'gone';
  readonly verdict: string;
  readonly version: VersionItem;
  readonly part?: OriginPart;
  readonly run?: RunItem;
  readonly facts: readonly {
    readonly id: string;
    readonly origin: string;
    readonly type: string | null;
    readonly observedAt: string | null;
    readonly acceptedAt: string | null;
    readonly way: string | null;
  }[];
}

export interface ConfigChanges extends Page<ConfigChange> {
  readonly from: ConfigMoment;
  readonly to: ConfigMoment;
}

export interface CompactionAnswer {
  readonly upTo: number;
  readonly purged: number;
}

export interface ExplainAnswer {
  readonly event: Partial<EventItem> &
    Pick<EventItem, 'id' | 'group' | 'sourceNode' | 'seq'> & { readonly pruned?: string };
  readonly revision: number;
  readonly decisions: readonly {
    readonly subscription: string;
    readonly matched: boolean;
    readonly clause?: string;
    readonly message?: string;
    readonly waitsFor?: string;
    readonly retracts?: string;
    readonly reason?: WaitingReason;
    readonly changedAt?: number;
  }[];
  readonly runs: readonly RunItem[];
  readonly parts: readonly PartItem[];
  readonly resources: readonly DerivedResource[];
  readonly verdict: string;
}

export interface DeadLetterItem {
  readonly seq: number;
  readonly service: string;
  readonly code: string;
  readonly message: string;
  readonly subject: string;
  readonly at: string;
  readonly about: Readonly<Record<string, string>>;
  readonly letter?: {
    readonly stream?: string;
    readonly seq?: number;
    readonly deliveries?: number;
    readonly encoding: string;
    readonly data: string;
    readonly truncated: boolean;
  };
}

export interface ProjectionItem {
  readonly name: string;
  readonly stream: string;
  readonly position: number;
  readonly lastSeq: number;
  readonly lag: number;
  readonly rows: number;
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
}

/** How far the rebuild of a projection is: sequences of its stream, and messages folded by now. */
export interface RebuildProgressLine {
  readonly name: string;
  readonly progress: {
    readonly from: number;
    readonly position: number;
    readonly to: number;
    readonly records: number;
  };
}

/** What the rebuild of a projection mended. */
export interface RebuiltProjection {
  readonly name: string;
  readonly stream: string;
  readonly position: number;
  readonly records: number;
  readonly passedOver: number;
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly added: number;
    readonly changed: number;
    readonly removed: number;
  }[];
}

/** A table as it is beside the same one folded again. */
export interface VerifiedTable {
  readonly name: string;
  readonly rows: number;
  readonly rowsFolded: number;
  readonly live: string;
  readonly folded: string;
  readonly equal: boolean;
  readonly differences: number;
  readonly named: readonly {
    readonly kind: 'missing' | 'extra' | 'different';
    readonly key: Readonly<Record<string, unknown>>;
    readonly columns?: readonly string[];
  }[];
}

export interface VerifiedProjection {
  readonly name: string;
  readonly stream: string;
  readonly position: number;
  readonly records: number;
  readonly passedOver: number;
  readonly equal: boolean;
  readonly tables: readonly VerifiedTable[];
}

export interface StorageItem {
  readonly kind: string;
  readonly name: string;
  readonly owner: string;
  readonly unit: 'bytes' | 'rows' | 'entries';
  readonly used?: number;
  readonly bound?: number;
  readonly rule?: string;
  readonly whenFull?: string;
  readonly setting?: string;
  readonly count?: number;
  readonly bytes?: number;
  readonly usedPercent?: number;
  readonly growthPerHour?: number;
  readonly outlook: 'unknown' | 'never' | 'filling' | 'full';
  readonly fullInSeconds?: number;
}

export interface StorageAnswer {
  /** Services and servers that do not answer. */
  readonly away: readonly string[];
  readonly items: readonly StorageItem[];
}

export interface StatusAnswer {
  readonly node: string;
  readonly groups: readonly {
    readonly name: string;
    readonly nodeName: string;
    readonly stream: { readonly messages: number; readonly bytes: number; readonly lastSeq: number };
  }[];
  readonly revision: number;
  readonly generation: number;
  readonly ready: boolean;
  readonly parts: readonly { readonly name: string; readonly ready: boolean; readonly reason?: string }[];
  readonly alarms: { readonly count: number; readonly first: readonly Alarm[] };
}
