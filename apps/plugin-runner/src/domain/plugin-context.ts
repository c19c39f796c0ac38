import type { ContextResource, PluginSpec, Resource, ResourceLookup } from '@signalbox/contracts';

/** Returns a copy of a spec without secrets. Reference 6.8. */
export type Redact = (spec: Resource['spec']) => unknown;

/**
 * What a plugin sees of the configuration: exactly the resources its allowlist names, redacted, in the order
 * of the list. Without a list it sees nothing; a reference to a resource that does not exist is skipped.
 * The resources themselves are never touched. Reference 6.8 (P7, P8, S12, S13).
 */
export function buildContext(spec: PluginSpec, find: ResourceLookup, redact: Redact): ContextResource[] {
  const context: ContextResource[] = [];
  for (const { apiVersion, kind, name } of spec.context?.resources ?? []) {
    const resource = find(apiVersion, kind, name);
    if (resource === undefined) continue;
    context.push({ apiVersion, kind, name, spec: redact(structuredClone(resource.spec)) });
  }
  return context;
}
