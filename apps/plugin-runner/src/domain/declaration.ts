import {
  type AnyOrder,
  CodedError,
  type DynamicConfigSourceSpec,
  type EventSubscriptionSpec,
  FEDERATION_API,
  parseDuration,
  PLUGIN_API,
  type PluginSpec,
} from '@signalbox/contracts';
import type { RevisedResource } from './plugin-schedule.js';

/** What a run finds declared when it begins. */
export interface Declaration {
  readonly spec: PluginSpec;
  /** Longest that its part may live, milliseconds; absent: as long as the plugin says. */
  readonly longestMs?: number;
}

/** Where declared resources are looked up. */
export interface Declarations {
  get(apiVersion: string, kind: string, name: string): RevisedResource | undefined;
}

/**
 * The plugin of a run, after whoever starts it: a subscription or DynamicConfigSource that was deleted, or names another plugin
 * by now, starts nothing. Throws `subscription-gone` and `plugin-missing`.
 */
export function declarationOf(order: AnyOrder, declared: Declarations): Declaration {
  const limits = order.trigger === undefined ? ofSubscription(order.subscription) : ofTrigger();
  const plugin = declared.get(PLUGIN_API, 'Plugin', order.plugin);
  if (!plugin) throw new CodedError('plugin-missing', `Plugin/${order.plugin} is not declared: apply it`);
  return { spec: plugin.resource.spec as unknown as PluginSpec, ...limits };

  function ofSubscription(name: string): Omit<Declaration, 'spec'> {
    const subscription = declared.get(FEDERATION_API, 'EventSubscription', name);
    if (!subscription) throw gone(`EventSubscription/${name} was deleted`);
    const { trigger } = subscription.resource.spec as unknown as EventSubscriptionSpec;
    if (trigger.pluginRef !== order.plugin)
      throw gone(`EventSubscription/${name} now names Plugin/${trigger.pluginRef}`);
    return {};
  }

  function ofTrigger(): Omit<Declaration, 'spec'> {
    const name = order.trigger?.configSource;
    if (name === undefined) return {};
    const source = declared.get(PLUGIN_API, 'DynamicConfigSource', name);
    if (!source) throw gone(`DynamicConfigSource/${name} was deleted`);
    const { pluginRef, ttl } = source.resource.spec as unknown as DynamicConfigSourceSpec;
    if (pluginRef !== order.plugin) throw gone(`DynamicConfigSource/${name} now names Plugin/${pluginRef}`);
    return { longestMs: parseDuration(ttl) };
  }
}

function gone(message: string): CodedError {
  return new CodedError('subscription-gone', message);
}
