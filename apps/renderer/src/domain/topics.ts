import {
  describedKind,
  EVENT_SUBSCRIPTION,
  type EventSubscriptionSpec,
  isOfKind,
  lookupFor,
  overridableKeys,
  ownerOfResource,
  type Resource,
  specOf,
} from '@signalbox/contracts';
import type { MergeRules } from './part-content.js';
import { pluginKey } from './plugin-key.js';

/** What operator resources and parts are about beside their own identities. Keys are refKeys. */
export const TOPIC = {
  reference: (key: string) => `reference ${key}`,
  mask: (key: string) => `mask ${key}`,
  policy: (key: string) => `policy ${key}`,
  /** The subscriptions that start a Plugin. */
  starts: (key: string) => `starts ${key}`,
  /** Who takes over from an owner of parts, see `Succession`. */
  heir: (owner: string) => `heir ${owner}`,
  /** `kind`: a kindKey. */
  schema: (kind: string) => `schema ${kind}`,
  /** A place of a set rule, whoever takes it. Only asked for, nothing is about it. */
  place: (place: string) => `place ${place}`,
  /** A place of a set rule, as far as people declared what takes it. Only asked for, nothing is about it. */
  declaredPlace: (place: string) => `declared place ${place}`,
  /** Which part brings an identity. Only asked for, nothing is about it. */
  holder: (key: string) => `holder ${key}`,
} as const;

/** Something that is found by what it is about. */
export interface Topical {
  readonly topics: ReadonlySet<string>;
}

/** Identities whose masks something has a say in: it refers to them, masks them, or allows that. */
export interface Mentions {
  /** What it refers to itself, whether that is there or not. */
  readonly references: ReadonlySet<string>;
  /** What it masks, or allows to be masked. */
  readonly overrides: ReadonlySet<string>;
}

/** Where set rules find something. */
export interface Placed {
  readonly places: ReadonlySet<string>;
}

/** What an operator resource says about others. */
export interface StartupMentions extends Mentions, Topical, Placed {
  /** Topic of the kind that it is the schema of. */
  readonly describes?: string;
}

/** What an operator resource mentions, and its topics. */
export function startupMentions(resource: Resource, rules: MergeRules): StartupMentions {
  const references = referencesOf([resource], rules);
  const overrides = new Set(overridableKeys(resource));
  const places = placesOf(resource, rules);
  const topics = new Set([
    ...Array.from(references, TOPIC.reference),
    ...Array.from(overrides, TOPIC.policy),
  ]);
  const started = startedPlugin(resource);
  if (started !== undefined) topics.add(TOPIC.starts(pluginKey(started)));
  const former = ownerOfResource(resource)?.former;
  if (former !== undefined) topics.add(TOPIC.heir(former));
  const kind = describedKind(resource);
  if (kind === undefined) return { references, overrides, places, topics };
  const describes = TOPIC.schema(kind);
  return { references, overrides, places, topics: topics.add(describes), describes };
}

/** Name of the Plugin that a subscription starts; undefined for anything else. */
export function startedPlugin(resource: Resource): string | undefined {
  if (!isOfKind(resource, EVENT_SUBSCRIPTION)) return undefined;
  return specOf<EventSubscriptionSpec>(resource).trigger.pluginRef;
}

/** What a part mentions, and its topics. */
export function partMentions(
  resources: readonly Resource[],
  overrides: ReadonlySet<string>,
  rules: MergeRules,
): Mentions & Topical {
  const references = referencesOf(resources, rules);
  const topics = new Set([...Array.from(references, TOPIC.reference), ...Array.from(overrides, TOPIC.mask)]);
  return { references, overrides, topics };
}

/**
 * What resources refer to themselves: what they ask for when nothing is there. What they ask for behind that depends on what
 * else stands, and is referred to by what they found.
 */
function referencesOf(resources: readonly Resource[], { checkReferences }: MergeRules): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const resource of resources) {
    const lookup = lookupFor(resource, (key) => {
      keys.add(key);
      return undefined;
    });
    checkReferences(resource, lookup);
  }
  return keys;
}

/** Places that a resource takes, of all set rules. */
export function placesOf(resource: Resource, { setRules }: MergeRules): ReadonlySet<string> {
  return new Set(setRules.flatMap((rule) => rule.places(resource)));
}

/** Identities by the places that anyone who wants to say what they are would have them take. */
export class PlaceIndex {
  private readonly keys = new Map<string, Map<string, number>>();

  at(place: string): Iterable<string> {
    return this.keys.get(place)?.keys() ?? [];
  }

  add(key: string, { places }: Placed): void {
    for (const place of places) {
      const counts = this.keys.get(place) ?? new Map<string, number>();
      this.keys.set(place, counts.set(key, (counts.get(key) ?? 0) + 1));
    }
  }

  delete(key: string, { places }: Placed): void {
    for (const place of places) {
      const counts = this.keys.get(place);
      const left = (counts?.get(key) ?? 0) - 1;
      if (left > 0) counts?.set(key, left);
      else counts?.delete(key);
      if (counts?.size === 0) this.keys.delete(place);
    }
  }
}

/** Things by topic. */
export class TopicIndex<T extends Topical> {
  private readonly byTopic = new Map<string, Set<T>>();

  about(topic: string): Iterable<T> {
    return this.byTopic.get(topic) ?? [];
  }

  add(thing: T): void {
    for (const topic of thing.topics) {
      const things = this.byTopic.get(topic);
      if (things === undefined) this.byTopic.set(topic, new Set([thing]));
      else things.add(thing);
    }
  }

  delete(thing: T): void {
    for (const topic of thing.topics) {
      const things = this.byTopic.get(topic);
      things?.delete(thing);
      if (things?.size === 0) this.byTopic.delete(topic);
    }
  }
}
