import type { PluginGrant } from './grants.js';
import type { PluginHttp } from './plugin-http.js';
import type { PluginSecret } from './plugin-secrets.js';

/** Typed specs of the kinds that services read. The JSON Schemas beside the kinds accept exactly these shapes. */

export const FEDERATION_API = 'federation.routerd.net/v1alpha1';
export const HYBRID_API = 'hybrid.routerd.net/v1alpha1';
export const CONFIG_API = 'config.routerd.net/v1alpha1';
export const ROUTER_API = 'routerd.net/v1alpha1';

/** Reference 2.1 and spec/federation. Durations are Go duration strings. */
export interface EventGroupSpec {
  /** Who we are on this bus: the origin of all facts that are observed here. */
  readonly nodeName: string;
  /** How requests between sites are signed. Whoever listens or pushes needs it. */
  readonly auth?: {
    /** Empty is hmac: HMAC-SHA256 with one key that both sites have. */
    readonly mode?: '' | 'hmac';
    /** Absolute path of the file with the key; read when it is needed, and again when it changes. */
    readonly secretFile?: string;
    /** Not read: the key comes from `secretFile`. */
    readonly secretRef?: string;
  };
  /** Where peers send their facts. Without an address the group only pushes. */
  readonly listen?: {
    /** IP address or name of this machine to listen at. */
    readonly address?: string;
    /** Port to listen at; without one, or 0, the group does not listen. */
    readonly port?: number;
  };
  /** Default 5m, also when it is empty, zero or below. */
  readonly replayWindow?: string;
  /** How long facts are kept; what is absent is as the site says, 0 and below is without a bound. */
  readonly retention?: {
    /** Newest facts that are kept. */
    readonly maxEvents?: number;
    /** How long after it came a fact is kept. */
    readonly maxAge?: string;
  };
  /** Not read: declare an EventPeer for each peer. */
  readonly peersFrom?: readonly {
    /** `SAMNodeSet/<name>`. */
    readonly resource: string;
    /** It need not be declared. */
    readonly optional?: boolean;
  }[];
  /** Not evaluated: the group is always active. */
  readonly when?: Readonly<Record<string, unknown>>;
  /** Source nodes that may send facts to us; absent or empty = any signed origin. */
  readonly members?: readonly string[];
}

/** Reference 2.2. */
export interface EventPeerSpec {
  /** Name of the EventGroup whose facts it receives. */
  readonly groupRef: string;
  /** The `nodeName` of the peer on that bus. */
  readonly nodeName: string;
  /** Base URL at which the peer listens; `/v1/events` is appended. */
  readonly endpoint: string;
  /** Empty is push: we send, it receives. */
  readonly direction?: '' | 'push';
  /** Only facts of these types are sent; absent or empty: all. */
  readonly types?: readonly string[];
  /** Only facts whose subject begins with one of these are sent; absent or empty: all. */
  readonly subjectPrefixes?: readonly string[];
}

/** Reference 2.4. Absent and 0 stand for the default, see `SLO_DEFAULTS`. */
export interface FederationSloSpec {
  /** The EventGroup that it is about; each has at most one FederationSLO. */
  readonly groupRef: string;
  /** Deliveries to the peers of the group. */
  readonly delivery?: {
    /** From this lag on, the longest of the last hour, doctor warns; below `lagFailSeconds`. Seconds. Default 60. */
    readonly lagWarnSeconds?: number;
    /** From this lag on doctor fails. Seconds. Default 180. */
    readonly lagFailSeconds?: number;
    /** What is not delivered and expires within this time fails. Seconds. Default 120. */
    readonly expiresSoonSeconds?: number;
  };
  /** Runs that facts of the group started. */
  readonly subscription?: {
    /** More runs that are not at an end warn. Default 0. */
    readonly maxPendingRuns?: number;
    /** More runs that failed within the last hour fail. Default 0. */
    readonly maxFailedRuns?: number;
  };
}

/** What a changed subscription, or plugin, does about facts that were decided before. Spec/federation "Run identity". */
export const ON_CHANGE = ['reevaluate', 'ignore'] as const;
export type OnChange = (typeof ON_CHANGE)[number];

/** Reference 2.3; `retry`, `suspend` and `onChange` are ours. */
export interface EventSubscriptionSpec {
  /** Name of the EventGroup whose facts are looked at. */
  readonly groupRef: string;
  /** Which facts: all that is given must hold. */
  readonly match: {
    /** Types, each whole; a fact has one of them. */
    readonly types: readonly string[];
    /** The subject begins with one of these; absent or empty: any, or none. */
    readonly subjectPrefixes?: readonly string[];
    /** Members of the payload and the texts that they must be equal to. */
    readonly payload?: Readonly<Record<string, string>>;
    /** The fact was observed by one of these nodes; absent or empty: by any. */
    readonly sourceNodes?: readonly string[];
  };
  /** What they start. */
  readonly trigger: {
    /** Name of the Plugin; it may be declared later, and runs wait for it. */
    readonly pluginRef: string;
    /** Runs in flight at once, default 4. */
    readonly concurrency?: number;
    /** Facts are gathered for one run, which starts so long after the first of them. Zero is off, as without it. */
    readonly batchWindow?: string;
    /** Facts are gathered for one run, which starts when no further one came for so long. Zero is off, as without it. */
    readonly debounce?: string;
  };
  /** How often a run that fails is tried. */
  readonly retry?: {
    /** Default 3, the first one counted. */
    readonly maxAttempts?: number;
    /** Until the second attempt, default 1s; each time twice as long. */
    readonly backoff?: string;
    /** The longest, default 1m. */
    readonly maxBackoff?: string;
  };
  /** Facts that take back what others led to. */
  readonly retract?: {
    /** Their types, none of `match.types`. */
    readonly types: readonly string[];
    /** How long what was proposed stays after such a fact, default 5m. */
    readonly grace?: string;
  };
  /** Facts match and start nothing until it is lifted; what it led to stands, and ends as always. Default false. */
  readonly suspend?: boolean;
  /**
   * When it or its plugin changes: all facts that hold are decided again (the default), or the change is for new facts only and what it
   * led to stands until it ends or a new fact renews it.
   */
  readonly onChange?: OnChange;
}

/** What a plugin may do. Reference 2.5. */
export const CAPABILITIES = [
  'observe.cloud',
  'observe.providerPrivateIPs',
  'propose.dynamicConfig',
  'propose.providerAction',
  'execute.providerAction',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/**
 * A process for each run, processes that serve one run after another, or an endpoint that somebody else runs.
 * spec/plugins-and-config "Plugins".
 */
export const PLUGIN_MODES = ['oneshot', 'persistent', 'http'] as const;
export type PluginMode = (typeof PLUGIN_MODES)[number];

/**
 * How a plugin is contained: in the sandbox where there is one, never without it, or without it. The site's setting is
 * the least: a plugin may ask for more. spec/plugins-and-config "Plugins".
 */
export const SANDBOX_MODES = ['auto', 'required', 'off'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/** What starts a plugin beside subscriptions. Reference 2.5. */
export interface PluginTrigger {
  /** `interval`: by time. `event`: by facts of a topic, without a subscription. */
  readonly type: 'interval' | 'event';
  /** interval: between two runs, at least 1s; of several intervals the shortest counts. */
  readonly every?: string;
  /** event: `events.<group>.<type>`, in which `*` stands for one token of the type and `>` at its end for the rest. */
  readonly topic?: string;
}

/** How a part of a source meets another one: an identity that somebody else holds is refused. Reference 2.6. */
export interface MergePolicy {
  /** Empty is reject: the part is refused, the other one stays. */
  readonly conflict?: '' | 'reject';
}

/** Reference 2.6: a plugin that proposes dynamic config on its own account. */
export interface DynamicConfigSourceSpec {
  /** Name of the Plugin. */
  readonly pluginRef: string;
  /** Longest that a part of it lives; the plugin may say less. */
  readonly ttl: string;
  /** What happens when another one holds a resource of the same identity. */
  readonly mergePolicy?: MergePolicy;
  /** When it runs; absent: as its Plugin says. */
  readonly triggers?: readonly PluginTrigger[];
}

/** Reference 2.5; `mode`, `recycle`, `sandbox`, `network`, `suspend`, `grants`, `secrets` and `http` are ours. */
export interface PluginSpec {
  /** Of a plugin of mode http there is none. */
  readonly executable?: string;
  /** Of a plugin of mode http only. */
  readonly http?: PluginHttp;
  /** Default 10s. */
  readonly timeout?: string;
  /** Environment of its processes; they get nothing else of the service's. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it may do; a result that needs another one is refused. Absent: it may propose nothing. */
  readonly capabilities?: readonly Capability[];
  /** What it gets to see of the configuration. */
  readonly context?: {
    /** Resources that its input holds; those that are not there are left out. */
    readonly resources?: readonly {
      /** Of the resource. */
      readonly apiVersion: string;
      /** Of the resource. */
      readonly kind: string;
      /** Of the resource. */
      readonly name: string;
    }[];
  };
  /** What starts it beside subscriptions. */
  readonly triggers?: readonly PluginTrigger[];
  /** sha256 hex of the executable; checked before every run. */
  readonly sha256?: string;
  /** Processes, or requests to its endpoint, at once; default 4. */
  readonly concurrency?: number;
  /** Default oneshot. */
  readonly mode?: PluginMode;
  /** Default as the site says; less than that it never is. */
  readonly sandbox?: SandboxMode;
  /** Whether it reaches the network from inside the sandbox; default false. */
  readonly network?: boolean;
  /** Nothing of it runs, and its runs wait until it is lifted; what it proposed stands. Default false. */
  readonly suspend?: boolean;
  /** When a persistent process is replaced: by whichever comes first. */
  readonly recycle?: {
    /** So many runs, default 1000. */
    readonly runs?: number;
    /** At this age, default 10m. */
    readonly after?: string;
  };
  /** What its parts may hold; absent: no bound. */
  readonly grants?: readonly PluginGrant[];
  /** Files that it is given as open descriptors, whose numbers stand in its environment as `SIGNALBOX_SECRET_<NAME>_FD`. */
  readonly secrets?: readonly PluginSecret[];
}
