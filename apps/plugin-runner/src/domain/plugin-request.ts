import {
  factToWire,
  formatTime,
  PLUGIN_API,
  type ContextResource,
  type Fact,
  type PluginRequest,
  type RunTrigger,
} from '@signalbox/contracts';

/** What a run knows when it starts. */
export interface PluginRequestInput {
  /** Name of the Plugin resource. */
  readonly plugin: string;
  /** Name of the EventSubscription whose facts start it. */
  readonly subscription?: string;
  /** What starts it when no subscription does; absent: a person. */
  readonly trigger?: Pick<RunTrigger, 'type' | 'configSource' | 'topic'>;
  readonly facts: readonly Fact[];
  readonly contextResources: readonly ContextResource[];
  /** sha256 hex of the startup configuration the run sees. */
  readonly startupConfigHash: string;
  readonly effectiveGeneration: number;
  /** Generation of the part that a result of this run would replace; 0 = there is none. */
  readonly previousDynamicGeneration: number;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Names this run in the plugin's own logs. */
  readonly tag: string;
  /** Where the run stands in a trace: what the plugin tells of itself follows from there. Absent: in none. */
  readonly traceparent?: string;
  /** What the plugin may do; the result is held to the same list. */
  readonly capabilities: readonly string[];
}

const SUBSCRIPTION_TOPIC = 'routerd.federation.subscription/';
const CONFIG_SOURCE_TOPIC = 'signalbox.dynamicConfigSource/';

/**
 * The document on the plugin's stdin. Reference 6.4; `meta` is our addition, which a plugin may ignore
 * (spec "Plugins"). The hash and both generations are always filled.
 */
export function buildPluginRequest(input: PluginRequestInput): PluginRequest {
  return {
    apiVersion: PLUGIN_API,
    kind: 'PluginRequest',
    metadata: { name: input.plugin },
    spec: {
      trigger: triggerOf(input),
      startupConfigHash: input.startupConfigHash,
      effectiveGeneration: input.effectiveGeneration,
      previousDynamicGeneration: input.previousDynamicGeneration,
      now: formatTime(input.nowMs),
      events: input.facts.map(factToWire),
      context: { resources: input.contextResources },
    },
    meta: {
      ...{ protocol: 'v1alpha1', tag: input.tag, capabilities: input.capabilities },
      ...(input.traceparent !== undefined && { traceparent: input.traceparent }),
    },
  };
}

function triggerOf({ subscription, trigger }: PluginRequestInput): PluginRequest['spec']['trigger'] {
  if (subscription !== undefined)
    return { type: 'federation-subscription', topic: SUBSCRIPTION_TOPIC + subscription };
  const { type = 'manual', configSource, topic } = trigger ?? {};
  if (topic !== undefined) return { type, topic };
  return { type, topic: configSource === undefined ? '' : CONFIG_SOURCE_TOPIC + configSource };
}
