import type { EventSubscriptionSpec, PluginSpec, Resource } from '@signalbox/contracts';
import { FEDERATION_API, PLUGIN_API } from '@signalbox/contracts';

/** Failed runs come again at once. */
const QUICK_RETRY = { maxAttempts: 3, backoff: '50ms', maxBackoff: '100ms' } as const;

/** An operator resource of any kind. */
export function resource(apiVersion: string, kind: string, name: string, spec: object): Resource {
  return { apiVersion, kind, metadata: { name }, spec: spec as Resource['spec'] };
}

/** A Plugin that may propose configuration, unless `change` says otherwise. */
export function plugin(name: string, executable: string, change: Partial<PluginSpec> = {}): Resource {
  return resource(PLUGIN_API, 'Plugin', name, {
    executable,
    capabilities: ['propose.dynamicConfig'],
    ...change,
  });
}

/** An EventSubscription of group `default` for one type. */
export function subscription(
  name: string,
  type: string,
  pluginRef: string,
  change: {
    readonly match?: Partial<EventSubscriptionSpec['match']>;
    readonly retry?: EventSubscriptionSpec['retry'];
    readonly trigger?: Partial<EventSubscriptionSpec['trigger']>;
    readonly retract?: EventSubscriptionSpec['retract'];
  } & Pick<EventSubscriptionSpec, 'suspend' | 'onChange'> = {},
): Resource {
  const { suspend, onChange } = change;
  return resource(FEDERATION_API, 'EventSubscription', name, {
    ...(suspend !== undefined && { suspend }),
    ...(onChange !== undefined && { onChange }),
    groupRef: 'default',
    match: { types: [type], ...change.match },
    trigger: { pluginRef, ...change.trigger },
    retry: { ...QUICK_RETRY, ...change.retry },
    ...(change.retract && { retract: change.retract }),
  });
}

/** Resources as `apply` takes them. */
export function manifest(...resources: readonly Resource[]): string {
  return resources.map((one) => JSON.stringify(one)).join('\n---\n');
}
