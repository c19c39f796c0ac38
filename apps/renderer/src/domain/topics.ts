import {
  describedKind,
  EVENT_SUBSCRIPTION,
  type EventSubscriptionSpec,
  isOfKind,
  lookupFor,
  overridableKeys,
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
  /** `kind`: a kindKey. */
  schema: (kind: string) => `schema ${kind}`,
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

/** What an operator resource says about others. */
export interface StartupMentions extends Mentions, Topical {
  /** Topic of the kind that it is the schema of. */
  readonly describes?: string;
}

/** What an operator resource mentions, and its topics. */
export function startupMentions(resource: Resource, rules: MergeRules): StartupMentions {
  const references = referencesOf([resource], rules);
  const overrides = new Set(overridableKeys(resource));
  const topics = new Set([
    ...Array.from(references, TOPIC.reference),
    ...Array.from(overrides, TOPIC.policy),
  ]);
  const started = startedPlugin(resource);
  if (started !== undefined) topics.add(TOPIC.starts(pluginKey(started)));
  const kind = describedKind(resource);
  if (kind === undefined) return { references, overrides, topics };
  const describes = TOPIC.schema(kind);
  return { references, overrides, topics: topics.add(describes), describes };
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
