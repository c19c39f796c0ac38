import {
  type BatchPolicy,
  batchPolicyOf,
  type EventSubscriptionSpec,
  type OnChange,
  type PluginMode,
  pluginOwner,
  type PluginSpec,
  type Resource,
  type RetractPolicy,
  retractPolicyOf,
  type RetryPolicy,
  subscriptionOwner,
  type WaitingReason,
} from '@signalbox/contracts';

/**
 * Runs of one subscription in flight at once when `trigger.concurrency` is not given, by the mode of its plugin: a
 * one-shot plugin has a process for each, a persistent one takes many requests into one, an endpoint a connection for each.
 */
export const DEFAULT_CONCURRENCY = { oneshot: 4, persistent: 256, http: 4 } as const;

/** What the matcher needs to know of one subscription at one revision. Never changed; a new revision is a new rule. */
export interface Rule {
  readonly subscription: string;
  readonly group: string;
  readonly plugin: string;
  /** max(revision of the subscription, of its plugin): a changed plugin is a changed rule. */
  readonly revision: number;
  /** Without its plugin a subscription matches but plans nothing: its facts stay pending. */
  readonly pluginExists: boolean;
  /** While it or its plugin is suspended it is the same, and what it led to stands. */
  readonly suspended?: 'subscription' | 'plugin';
  readonly match: EventSubscriptionSpec['match'];
  /** `ignore`: a newer revision decides new facts only. */
  readonly onChange: OnChange;
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
  const ofPlugin = specOf(plugin)?.suspend === true ? 'plugin' : undefined;
  const suspended = spec.suspend === true ? 'subscription' : ofPlugin;
  return {
    subscription: subscription.resource.metadata.name,
    group: spec.groupRef,
    plugin: spec.trigger.pluginRef,
    revision: Math.max(subscription.revision, plugin?.revision ?? 0),
    pluginExists: plugin !== undefined,
    match: spec.match,
    onChange: spec.onChange ?? 'reevaluate',
    concurrency: spec.trigger.concurrency ?? DEFAULT_CONCURRENCY[modeOf(plugin)],
    retry,
    ...(suspended && { suspended }),
    ...(batch && { batch }),
    ...(retract && { retract }),
  };
}

/** Whether what an earlier revision led to in a group stands beside this one: the change is for new facts only. */
export function leavesThePast(rule: Rule, group: string): boolean {
  return rule.onChange === 'ignore' && rule.group === group;
}

/** Why what matched a rule starts nothing for now, and the resource that it waits for; undefined when it starts runs. */
export function waitingOf(
  rule: Rule,
): { readonly reason: WaitingReason; readonly waitsFor: string } | undefined {
  const { subscription, plugin, pluginExists, suspended } = rule;
  if (suspended === 'subscription')
    return { reason: 'subscription-suspended', waitsFor: subscriptionOwner(subscription) };
  if (!pluginExists) return { reason: 'plugin-missing', waitsFor: pluginOwner(plugin) };
  return suspended && { reason: 'plugin-suspended', waitsFor: pluginOwner(plugin) };
}

function modeOf(plugin: RevisedResource | undefined): PluginMode {
  return specOf(plugin)?.mode ?? 'oneshot';
}

function specOf(plugin: RevisedResource | undefined): PluginSpec | undefined {
  return plugin?.resource.spec as PluginSpec | undefined;
}
