import type {
  EffectiveResource,
  Part,
  QuarantinedPart,
  Resource,
  SuppressedResource,
} from '@signalbox/contracts';
import { append, type Claims, type Resolution, resolveUnmasked } from './claims.js';
import { configDigest } from './config-digest.js';
import { byKey, effectiveResource } from './effective-view.js';
import { compareText, type StartupResource, startupResource } from './keyed-resource.js';
import { type LivePart, livePart } from './live-part.js';
import { maskersOf, suppressed } from './masks.js';
import type { MergeRules } from './part-content.js';
import { reasonOf } from './problem.js';
import { judge } from './settle.js';
import { PlaceIndex, TopicIndex } from './topics.js';

/** An operator resource with the revision that put it. */
export interface DeclaredResource {
  readonly resource: Resource;
  readonly revision: number;
}

/** An accepted part with its place in the acceptance order (any rising number, such as its stream sequence). */
export interface AcceptedPart {
  readonly part: Part;
  readonly order: number;
}

export interface Merged {
  readonly resources: EffectiveResource[];
  readonly digest: string;
  readonly quarantined: QuarantinedPart[];
  readonly suppressed: SuppressedResource[];
}

/**
 * The merge, plainly: operator resources and the parts that have not ended. The order of the inputs does not matter;
 * what was accepted first and last is said by `order`. The incremental model must always give the same result.
 */
export function mergeFromScratch(
  startup: readonly DeclaredResource[],
  parts: readonly AcceptedPart[],
  nowMs: number,
  rules: MergeRules,
): Merged {
  const live = withLineageLeft(newestOfSource(parts, rules)).filter(
    ({ expiresMs = Infinity }) => nowMs < expiresMs,
  );
  const declared = startup.map(({ resource, revision }) => startupResource(resource, revision, rules));
  const claims = claimsOf(declared, live);

  // Take away what does not merge until nothing changes; see `settle` for why this has one answer.
  const active = new Set(live);
  const verdictOf = (part: LivePart) => judge(part, claims, (other) => active.has(other), rules);
  for (;;) {
    const failing = [...active].filter((part) => verdictOf(part).problems.length > 0);
    if (failing.length === 0) break;
    for (const part of failing) active.delete(part);
  }

  const isActive = (part: LivePart): boolean => active.has(part);
  const keys = new Set([...declared.map(({ key }) => key), ...claims.keys]);
  const resolutions = Array.from(keys, (key) => resolveUnmasked(claims, key, isActive))
    .filter((resolution): resolution is Resolution => resolution !== undefined)
    .sort(byKey);
  return {
    resources: resolutions.map(effectiveResource),
    digest: configDigest(resolutions.map((resolution) => resolution.keyed.resource)),
    quarantined: live
      .filter((part) => !active.has(part))
      .map((held) => ({
        source: held.part.source,
        generation: held.part.generation,
        reason: reasonOf(verdictOf(held).problems),
      }))
      .sort((a, b) => compareText(a.source, b.source)),
    suppressed: [...claims.declared.values()]
      .map((resource) => ({ resource, maskers: maskersOf(claims, resource.key, isActive) }))
      .filter(({ maskers }) => maskers.length > 0)
      .sort((a, b) => compareText(a.resource.key, b.resource.key))
      .map(({ resource, maskers }) => suppressed(resource, maskers)),
  };
}

/** Within one source the newest generation only (D16), in acceptance order. */
function newestOfSource(parts: readonly AcceptedPart[], rules: MergeRules): LivePart[] {
  const newest = new Map<string, AcceptedPart>();
  for (const accepted of parts) {
    const other = newest.get(accepted.part.source);
    if (other === undefined || other.part.generation < accepted.part.generation) {
      newest.set(accepted.part.source, accepted);
    }
  }
  return Array.from(newest.values(), ({ part, order }) => livePart(part, order, rules)).sort(
    (a, b) => a.order - b.order,
  );
}

/** Without the parts whose every lineage belongs to a newer part of their owner. Parts come in acceptance order. */
function withLineageLeft(parts: readonly LivePart[]): LivePart[] {
  const newest = new Map<string, LivePart>();
  const keysOf = ({ part, lineages }: LivePart): string[] =>
    Array.from(lineages, (lineage) => `${part.owner}\u0000${lineage}`);
  for (const live of parts) for (const key of keysOf(live)) newest.set(key, live);
  return parts.filter(
    (live) => live.lineages.size === 0 || keysOf(live).some((key) => newest.get(key) === live),
  );
}

function claimsOf(
  startup: readonly StartupResource[],
  parts: readonly LivePart[],
): Claims & { readonly keys: Iterable<string>; readonly declared: ReadonlyMap<string, StartupResource> } {
  const declared = new Map(startup.map((resource) => [resource.key, resource]));
  const producers = new Map<string, LivePart[]>();
  const startupTopics = new TopicIndex<StartupResource>();
  const partTopics = new TopicIndex<LivePart>();
  const declaredPlaces = new PlaceIndex();
  const broughtPlaces = new PlaceIndex();
  for (const resource of declared.values()) {
    startupTopics.add(resource);
    declaredPlaces.add(resource.key, resource);
  }
  for (const live of parts) {
    append(producers, live);
    partTopics.add(live);
    for (const [key, produced] of live.produces) broughtPlaces.add(key, produced);
  }
  return {
    keys: producers.keys(),
    declared,
    startup: (key) => declared.get(key),
    claimants: (key) => producers.get(key) ?? [],
    startupAbout: (topic) => startupTopics.about(topic),
    partsAbout: (topic) => partTopics.about(topic),
    keysAt: (place) => new Set([...declaredPlaces.at(place), ...broughtPlaces.at(place)]),
    declaredKeysAt: (place) => declaredPlaces.at(place),
  };
}
