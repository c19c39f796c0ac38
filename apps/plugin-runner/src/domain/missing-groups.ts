import {
  factTopicOf,
  factTopicsOf,
  type DynamicConfigSourceSpec,
  type PluginSpec,
  type Resource,
} from '@signalbox/contracts';

/** A resource whose triggers wait for facts of a group that is not declared. */
export interface MissingGroup {
  readonly resource: Resource;
  readonly group: string;
}

/** What waits for groups that nobody declared, in the order of the resources; `isDeclared`: whether a group is. */
export function missingGroups(
  triggered: readonly Resource[],
  isDeclared: (group: string) => boolean,
): MissingGroup[] {
  return triggered.flatMap((resource) => {
    const { triggers } = resource.spec as unknown as PluginSpec | DynamicConfigSourceSpec;
    const groups = factTopicsOf(triggers).map((topic) => factTopicOf(topic)!.group);
    return [...new Set(groups)].filter((group) => !isDeclared(group)).map((group) => ({ resource, group }));
  });
}
