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
  readonly nodeName: string;
  readonly auth?: { readonly mode?: '' | 'hmac'; readonly secretFile?: string; readonly secretRef?: string };
  /** Without an address the group only pushes, see `listenPlace`. */
  readonly listen?: { readonly address?: string; readonly port?: number };
  /** Default 5m, also when it is empty, zero or below. */
  readonly replayWindow?: string;
  /** How long facts are kept; what is absent is as the site says, 0 and below is without a bound. */
  readonly retention?: { readonly maxEvents?: number; readonly maxAge?: string };
  readonly peersFrom?: readonly { readonly resource: string; readonly optional?: boolean }[];
  readonly when?: Readonly<Record<string, unknown>>;
  /** Source nodes that may send facts to us; absent or empty = any signed origin. */
  readonly members?: readonly string[];
}

/** Reference 2.2. */
export interface EventPeerSpec {
  readonly groupRef: string;
  readonly nodeName: string;
  readonly endpoint: string;
  readonly direction?: '' | 'push';
  readonly types?: readonly string[];
  readonly subjectPrefixes?: readonly string[];
}

/** What a changed subscription, or plugin, does about facts that were decided before. Spec/federation "Run identity". */
export const ON_CHANGE = ['reevaluate', 'ignore'] as const;
export type OnChange = (typeof ON_CHANGE)[number];

/** Reference 2.3; `retry`, `suspend` and `onChange` are ours. */
export interface EventSubscriptionSpec {
  readonly groupRef: string;
  readonly match: {
    readonly types: readonly string[];
    readonly subjectPrefixes?: readonly string[];
    readonly payload?: Readonly<Record<string, string>>;
    readonly sourceNodes?: readonly string[];
  };
  readonly trigger: {
    readonly pluginRef: string;
    /** Runs in flight at once, default 4. */
    readonly concurrency?: number;
    /** Facts are gathered: see `batchPolicyOf`. */
    readonly batchWindow?: string;
    readonly debounce?: string;
  };
  /** Default {maxAttempts: 3, backoff: 1s, maxBackoff: 1m}. */
  readonly retry?: { readonly maxAttempts?: number; readonly backoff?: string; readonly maxBackoff?: string };
  /** Facts that take back what others led to: see `retractPolicyOf`. */
  readonly retract?: { readonly types: readonly string[]; readonly grace?: string };
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
  readonly type: 'interval' | 'event';
  readonly every?: string;
  readonly topic?: string;
}

/** How a part of a source meets another one: an identity that somebody else holds is refused. Reference 2.6. */
export interface MergePolicy {
  readonly conflict?: '' | 'reject';
}

/** Reference 2.6: a plugin that proposes dynamic config on its own account. */
export interface DynamicConfigSourceSpec {
  readonly pluginRef: string;
  /** Longest that a part of it lives; the plugin may say less. */
  readonly ttl: string;
  readonly mergePolicy?: MergePolicy;
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
  readonly env?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly Capability[];
  readonly context?: {
    readonly resources?: readonly {
      readonly apiVersion: string;
      readonly kind: string;
      readonly name: string;
    }[];
  };
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
  /** When a persistent process is replaced: after so many runs (default 1000) or at this age (default 10m). */
  readonly recycle?: { readonly runs?: number; readonly after?: string };
  /** What its parts may hold; absent: no bound. */
  readonly grants?: readonly PluginGrant[];
  /** Files that it is given as open descriptors, see `secretVariable`. */
  readonly secrets?: readonly PluginSecret[];
}
