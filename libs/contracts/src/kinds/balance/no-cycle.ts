import { keyOf, type Resource } from '../../resource.js';
import { isOfKind, type LookupOf, type SetRule } from '../kind.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import type { BackendSpec } from './specs.js';

/** Backends of a cycle that are named. */
const NAMED_AT_MOST = 8;

/**
 * Backends do not explain each other's failures in a circle: each would silence the alarm of the others. Where cycles
 * meet, one of them is told. spec/health "State machine".
 */
export const NO_CYCLE: SetRule = {
  about: [BACKEND],
  places: () => [],
  *near(backend, { lookupOf }) {
    const found = new Map<string, Resource>();
    const open = [backend];
    for (let one = open.pop(); one !== undefined; one = open.pop())
      for (const [key, target] of dependenciesOf(one, lookupOf)) {
        if (found.has(key)) continue;
        found.set(key, target);
        open.push(target);
      }
    yield* found.values();
  },
  over(resources, lookupOf) {
    const backends = [...resources].filter((resource) => isOfKind(resource, BACKEND));
    const places = placesInCycles(stepsTowardsCycles(backends, lookupOf));
    return (resource) => {
      const place = places.get(keyOf(resource));
      if (!place) return [];
      const { name } = stepsOn(place, 1).metadata;
      const at = specOf<BackendSpec>(resource).dependsOn?.indexOf(name) ?? 0;
      return [
        { pointer: `/spec/dependsOn/${at}`, message: `leads back to this backend: ${pathText(place)}` },
      ];
    };
  },
};

/** A backend of a cycle. */
interface Place {
  readonly cycle: readonly Resource[];
  readonly at: number;
}

/**
 * For each backend from which a cycle can be reached, one that it depends on and from which it can be reached as well. What
 * depends on nothing that is left is taken out until nothing can be.
 */
function stepsTowardsCycles(
  backends: readonly Resource[],
  lookupOf: LookupOf,
): ReadonlyMap<string, Resource> {
  const open = new Map(
    backends
      .filter((backend) => (specOf<BackendSpec>(backend).dependsOn ?? []).length > 0)
      .map((backend) => [keyOf(backend), dependenciesOf(backend, lookupOf)]),
  );
  const dependents = new Map<string, string[]>();
  const ended: string[] = [];
  for (const [key, targets] of open) {
    for (const target of targets.keys()) {
      if (!open.has(target)) targets.delete(target);
      else addTo(dependents, target, key);
    }
    if (targets.size === 0) ended.push(key);
  }
  for (let key = ended.pop(); key !== undefined; key = ended.pop()) {
    open.delete(key);
    for (const dependent of dependents.get(key) ?? []) {
      const targets = open.get(dependent);
      targets?.delete(key);
      if (targets?.size === 0) ended.push(dependent);
    }
  }
  return new Map([...open].map(([key, targets]) => [key, [...targets.values()][0]!]));
}

function dependenciesOf(backend: Resource, lookupOf: LookupOf): Map<string, Resource> {
  const lookup = lookupOf(backend);
  const targets = (specOf<BackendSpec>(backend).dependsOn ?? []).flatMap((name) => {
    const target = lookup(BACKEND.apiVersion, BACKEND.kind, name);
    return target ? [[keyOf(target), target] as const] : [];
  });
  return new Map(targets);
}

function addTo(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** The backends of the cycles that the steps lead into. Every step is made once. */
function placesInCycles(next: ReadonlyMap<string, Resource>): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const passed = new Set<string>();
  for (const start of next.values()) {
    const path = new Map<string, Resource>();
    let step = start;
    while (!passed.has(keyOf(step))) {
      passed.add(keyOf(step));
      path.set(keyOf(step), step);
      step = next.get(keyOf(step))!;
    }
    if (!path.has(keyOf(step))) continue;
    const cycle = [...path.values()].slice([...path.keys()].indexOf(keyOf(step)));
    for (const [at, backend] of cycle.entries()) places.set(keyOf(backend), { cycle, at });
  }
  return places;
}

function stepsOn({ cycle, at }: Place, steps: number): Resource {
  return cycle[(at + steps) % cycle.length]!;
}

/** The way from a backend back to it, both ends included. */
function pathText(place: Place): string {
  const { length } = place.cycle;
  const isShort = length < NAMED_AT_MOST;
  const names = Array.from({ length: isShort ? length : NAMED_AT_MOST - 2 }, (_, step) =>
    nameOf(stepsOn(place, step)),
  );
  return [...names, ...(isShort ? [] : ['…']), nameOf(stepsOn(place, 0))].join(' → ');
}

function nameOf({ metadata }: Resource): string {
  return metadata.name;
}
