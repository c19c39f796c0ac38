import {
  type BatchPolicy,
  batchPolicyOf,
  type EventSubscriptionSpec,
  type PluginMode,
  type PluginSpec,
  type Resource,
  type RetractPolicy,
  retractPolicyOf,
  type RetryPolicy,
} from '@signalbox/contracts';

/**
 * Runs of one subscription in flight at once when `trigger.concurrency` is not given, by the mode of its plugin: a
 * one-shot plugin has a process for each, a persistent one takes many requests into one.
 */
export const DEFAULT_CONCURRENCY = { oneshot: 4, persistent: 256 } as const;

/** What the matcher needs to know of one subscription at one revision. Never changed; a new revision is a new rule. */
export interface Rule {
  readonly subscription: string;
  readonly group: string;
  readonly plugin: string;
  /** max(revision of the subscription, of its plugin): a changed plugin is a changed rule. */
  readonly revision: number;
  /** Without its plugin a subscription matches but plans nothing: its facts stay pending. */
  readonly pluginExists: boolean;
  /** While its plugin is suspended it is the same, and what it led to stands. */
  readonly isSuspended: boolean;
  readonly match: EventSubscriptionSpec['match'];
  /** Runs in flight at once, at least 1. */
  readonly concurrency: number;
  readonly retry: RetryPolicy;
  /** Absent: every fact starts a run of its own. */
  readonly batch?: BatchPolicy;
  /** Absent: what facts led to stays until its time, or until the newest fact of its lineage does not match. */
  readonly retract?: RetractPolicy;
}

/** A resource and the journal revision that put it. */
export interface RevisedResource {
  readonly resource: Resource;
  readonly revision: number;
}

/** The rule of a validated EventSubscription, of its Plugin if that exists, and of its retry policy. */
export function ruleOf(
  subscription: RevisedResource,
  plugin: RevisedResource | undefined,
  retry: RetryPolicy,
): Rule {
  const spec = subscription.resource.spec as unknown as EventSubscriptionSpec;
  const batch = batchPolicyOf(spec);
  const retract = retractPolicyOf(spec);
  return {
    subscription: subscription.resource.metadata.name,
    group: spec.groupRef,
    plugin: spec.trigger.pluginRef,
    revision: Math.max(subscription.revision, plugin?.revision ?? 0),
    pluginExists: plugin !== undefined,
    isSuspended: specOf(plugin)?.suspend === true,
    match: spec.match,
    concurrency: spec.trigger.concurrency ?? DEFAULT_CONCURRENCY[modeOf(plugin)],
    retry,
    ...(batch && { batch }),
    ...(retract && { retract }),
  };
}

function modeOf(plugin: RevisedResource | undefined): PluginMode {
  return specOf(plugin)?.mode ?? 'oneshot';
}

function specOf(plugin: RevisedResource | undefined): PluginSpec | undefined {
  return plugin?.resource.spec as PluginSpec | undefined;
}
