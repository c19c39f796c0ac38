import type { Site } from '@signalbox/testing';

/** The type of fact that starts the plugin. */
export const SEEN = 'client.seen';

/**
 * Turns a fact into one `SeenHost` named after its subject. Native, because starting Node hundreds of times would take
 * longer than all the rest; `work` is shell text that runs first.
 */
function source(work: string): string {
  const result = {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'seen-host' },
    status: {
      ttl: '1h',
      resources: [
        {
          apiVersion: 'example.net/v1',
          kind: 'SeenHost',
          metadata: { name: '\\1' },
          spec: { serial: '\\2' },
        },
      ],
    },
  };
  const text = JSON.stringify(result).replaceAll('\\\\', '\\');
  return `#!/bin/sh
${work}
exec sed -E 's|.*"subject":"([^"]*)".*"payload":[{]"serial":"([^"]*)"[}].*|${text}|'
`;
}

/** Installs the plugin and returns its resource. */
export async function addSeenHost(site: Site, work = ':'): Promise<string> {
  const executable = await site.addPlugin('seen-host', source(work));
  return `
apiVersion: plugin.routerd.net/v1alpha1
kind: Plugin
metadata: {name: seen-host}
spec:
  executable: ${executable}
  capabilities: [propose.dynamicConfig]
`;
}

/** A subscription that starts it for one type, and tries as often as crashes make it necessary. */
export function seenHostSubscription(name: string, type = SEEN): string {
  return `
apiVersion: federation.routerd.net/v1alpha1
kind: EventSubscription
metadata: {name: ${name}}
spec:
  groupRef: default
  match: {types: [${type}]}
  trigger: {pluginRef: seen-host}
  retry: {maxAttempts: 50, backoff: 50ms, maxBackoff: 200ms}
`;
}
