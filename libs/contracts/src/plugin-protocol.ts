import type { MaskTarget } from './kinds/config/mask-target.js';
import type { RunTrigger } from './records/run-record.js';
import type { Resource } from './resource.js';

/** apiVersion of the plugin protocol. Reference 6.4 / 6.5. */
export const PLUGIN_API = 'plugin.routerd.net/v1alpha1';

/** A resource as a plugin may see it: allowlisted and redacted. Reference 6.8. */
export interface ContextResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly spec: unknown;
}

/** JSON document on a plugin's stdin. */
export interface PluginRequest {
  readonly apiVersion: typeof PLUGIN_API;
  readonly kind: 'PluginRequest';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly trigger: {
      readonly type: 'federation-subscription' | RunTrigger['type'];
      readonly topic: string;
    };
    readonly startupConfigHash: string;
    readonly effectiveGeneration: number;
    readonly previousDynamicGeneration: number;
    readonly now: string;
    readonly events: readonly Record<string, unknown>[];
    readonly context: { readonly resources: readonly ContextResource[] };
  };
  readonly meta: {
    readonly protocol: 'v1alpha1';
    readonly tag: string;
    readonly capabilities: readonly string[];
    /** Where the run stands in a trace. W3C Trace Context. */
    readonly traceparent?: string;
  };
}

/** A mask: suppress one operator resource while the part is active. */
export interface Directive {
  readonly op: 'mask';
  readonly target: MaskTarget;
  readonly reason?: string;
}

/** An inert proposal of one provider operation. Reference 8.1; kept on the part, executed by nobody yet. */
export interface ActionPlan {
  readonly name: string;
  readonly provider: 'aws' | 'azure' | 'oci' | 'gcp';
  readonly action: string;
  readonly target: Readonly<Record<string, string>>;
  readonly providerRef?: string;
  readonly mode?: '' | 'dry-run';
  readonly description?: string;
  readonly riskLevel?: 'low' | 'medium' | 'high';
  readonly idempotencyKey?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly preconditions?: readonly Readonly<Record<string, unknown>>[];
  readonly expectedEffects?: readonly string[];
  readonly undo?: { readonly action: string; readonly parameters?: Readonly<Record<string, string>> };
}

/** What the plugin says about one of its facts; absent means applied. */
export interface FactOutcome {
  readonly eventId: string;
  readonly outcome: 'applied' | 'ignored' | 'failed';
  readonly reason?: string;
}

/** A validated PluginResult, times filled in. */
export interface PluginResult {
  /** RFC 3339; the time of the run when the plugin gave none (P5). */
  readonly observedAt: string;
  /** Milliseconds, > 0. */
  readonly ttlMs: number;
  readonly resources: readonly Resource[];
  readonly directives: readonly Directive[];
  readonly actionPlans: readonly ActionPlan[];
  readonly outcomes: readonly FactOutcome[];
}
