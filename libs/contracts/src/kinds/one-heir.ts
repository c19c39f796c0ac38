import { keyOf, refKey, refOf, refText, type Resource } from '../resource.js';
import { DYNAMIC_CONFIG_SOURCE } from './dynamic-config-source.js';
import { EVENT_SUBSCRIPTION } from './event-subscription.js';
import { isOfKind, type SetRule } from './kind.js';
import { PLUGIN } from './plugin.js';

/** `metadata.renamedFrom` names what is no longer declared, and one resource takes over from it. ADR 0039. */
export const ONE_HEIR: SetRule = {
  about: [EVENT_SUBSCRIPTION, PLUGIN, DYNAMIC_CONFIG_SOURCE],
  places(resource) {
    if (!ONE_HEIR.about.some((kind) => isOfKind(resource, kind))) return [];
    const former = formerKey(resource);
    return [nameOf(keyOf(resource)), ...(former === undefined ? [] : [heirOf(former)])];
  },
  *near(resource, { at }) {
    yield* at(heirOf(keyOf(resource)));
    const former = formerKey(resource);
    if (former === undefined) return;
    yield* at(nameOf(former));
    yield* at(heirOf(former));
  },
  over(resources) {
    const declared = new Set<string>();
    const heirs = new Map<string, Resource[]>();
    for (const resource of resources) {
      declared.add(keyOf(resource));
      const former = formerKey(resource);
      if (former !== undefined) heirs.set(former, [...(heirs.get(former) ?? []), resource]);
    }
    return (resource) => {
      const errors = [];
      const [heir] = heirs.get(keyOf(resource)) ?? [];
      if (heir) {
        const message = `${refText(refOf(heir))} says renamedFrom: ${resource.metadata.name}: take that line away there to declare this name again`;
        errors.push({ pointer: '/metadata/name', message });
      }
      const former = formerKey(resource);
      if (former === undefined) return errors;
      const pointer = '/metadata/renamedFrom';
      const name = refText({ ...refOf(resource), name: resource.metadata.renamedFrom! });
      if (declared.has(former) && former !== keyOf(resource))
        errors.push({ pointer, message: `${name} is still declared: delete it in the same changeset` });
      const other = heirs.get(former)!.find((one) => keyOf(one) !== keyOf(resource));
      if (other) {
        const message = `${refText(refOf(other))} takes over from ${name} already: one resource can`;
        errors.push({ pointer, message });
      }
      return errors;
    };
  },
};

function nameOf(key: string): string {
  return `name ${key}`;
}

function heirOf(key: string): string {
  return `heir of ${key}`;
}

function formerKey(resource: Resource): string | undefined {
  const { renamedFrom: name } = resource.metadata;
  return name === undefined ? undefined : refKey({ ...refOf(resource), name });
}
