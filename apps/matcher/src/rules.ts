import { type EventSubscriptionSpec, PLUGIN_API, type Resource, retryPolicyOf } from '@signalbox/contracts';
import { type RevisedResource, type Rule, ruleOf } from './domain/rule.js';

/** The rules that a set of resources declares, by subscription. */
export function rulesOf(
  subscriptions: readonly RevisedResource[],
  findPlugin: (name: string) => RevisedResource | undefined,
): Map<string, Rule> {
  return new Map(
    subscriptions.map((subscription) => {
      const spec = specOf(subscription.resource);
      const rule = ruleOf(subscription, findPlugin(spec.trigger.pluginRef), retryPolicyOf(spec));
      return [rule.subscription, rule];
    }),
  );
}

/** apiVersion and kind under which a rule's plugin is declared. */
export const PLUGIN_KIND = [PLUGIN_API, 'Plugin'] as const;

function specOf(resource: Resource): EventSubscriptionSpec {
  return resource.spec as unknown as EventSubscriptionSpec;
}
