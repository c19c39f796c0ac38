import type { FieldError } from './errors.js';
import { EVENT_GROUP, listenKey } from './kinds/event-group.js';
import type { ResourceLookup } from './kinds/kind.js';
import { kindOf } from './kinds/registry.js';
import {
  DEFAULT_PROJECT,
  keyOf,
  refKey,
  refOf,
  type Resource,
  type ResourceRef,
  refText,
} from './resource.js';

/** What is wrong with one resource of a set; pointers start at that resource (`/spec/...`). */
export interface ResourceErrors {
  readonly ref: ResourceRef;
  readonly errors: readonly FieldError[];
}

/** References of one valid resource that do not resolve or do not fit; pointers start at the resource. */
export function referenceErrors(resource: Resource, lookup: ResourceLookup): readonly FieldError[] {
  return kindOf(resource.apiVersion, resource.kind)?.checkReferences?.(resource, lookup) ?? [];
}

/**
 * References of many valid resources; pointers start with the index in `changed` (`/0/spec/groupRef`).
 * Sees what the changed resources refer to, not who refers to them: see {@link checkSet}.
 */
export function checkReferences(changed: readonly Resource[], lookup: ResourceLookup): readonly FieldError[] {
  return changed.flatMap((resource, index) =>
    referenceErrors(resource, lookup).map(({ pointer, message }) => ({
      pointer: `/${index}${pointer}`,
      message,
    })),
  );
}

/**
 * Checks the references of every resource that was touched, and of every resource that refers to a touched one, so
 * that deleting an EventGroup in use is found as an error of its EventPeer. Also finds two EventGroups on one
 * address:port, of which at least one was touched. `resources` is the whole set after the change by {@link refKey};
 * `touched` names what was put or deleted. One pass over the set. Errors in the order of the set.
 */
export function checkSet(
  resources: ReadonlyMap<string, Resource>,
  touched: readonly ResourceRef[],
): readonly ResourceErrors[] {
  const touchedKeys = new Set(touched.map(refKey));
  const listeners = listenersOf(resources);
  const found: ResourceErrors[] = [];
  for (const [key, resource] of resources) {
    let concerned = touchedKeys.has(key);
    const references = referenceErrors(resource, (apiVersion, kind, name) => {
      const target = refKey({ apiVersion, kind, project: DEFAULT_PROJECT, name });
      concerned ||= touchedKeys.has(target);
      return resources.get(target);
    });
    if (!concerned) continue;
    const errors = [...references, ...(touchedKeys.has(key) ? listenErrors(resource, listeners) : [])];
    if (errors.length > 0) found.push({ ref: refOf(resource), errors });
  }
  return found;
}

/** EventGroups by where they listen. */
function listenersOf(resources: ReadonlyMap<string, Resource>): ReadonlyMap<string, readonly Resource[]> {
  const listeners = new Map<string, Resource[]>();
  for (const group of resources.values()) {
    const place = isEventGroup(group) ? listenKey(group) : undefined;
    if (place === undefined) continue;
    const others = listeners.get(place);
    if (others) others.push(group);
    else listeners.set(place, [group]);
  }
  return listeners;
}

function listenErrors(
  resource: Resource,
  listeners: ReadonlyMap<string, readonly Resource[]>,
): readonly FieldError[] {
  const place = isEventGroup(resource) ? listenKey(resource) : undefined;
  if (place === undefined) return [];
  const other = listeners.get(place)?.find((group) => keyOf(group) !== keyOf(resource));
  if (!other) return [];
  return [{ pointer: '/spec/listen', message: `${refText(refOf(other))} already listens on ${place}` }];
}

function isEventGroup({ apiVersion, kind }: Resource): boolean {
  return apiVersion === EVENT_GROUP.apiVersion && kind === EVENT_GROUP.kind;
}
