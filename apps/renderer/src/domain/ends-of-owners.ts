import {
  BACKEND_SOURCE,
  configSourceOwner,
  DYNAMIC_CONFIG_SOURCE,
  EVENT_SUBSCRIPTION,
  type EventSubscriptionSpec,
  isOfKind,
  isPartOfRun,
  PLUGIN,
  pluginOwner,
  type ResourceRef,
  scopedName,
  sourceOwner,
  specOf,
  subscriptionOwner,
} from '@signalbox/contracts';
import { type Change, type Claims, successionIn } from './claims.js';
import { abandoned } from './handed-over.js';
import type { StartupResource } from './keyed-resource.js';
import type { LivePart } from './live-part.js';
import type { LiveParts } from './live-parts.js';
import { pluginKey } from './plugin-key.js';
import { startedPlugin, TOPIC } from './topics.js';

/**
 * Parts that are withdrawn because of a change of operator resources, with the reason: those of owners that go, of subscriptions
 * whose plugin goes, and of subscriptions that move to another group. `matcher` and `plugin-runner` decide this; what depends on
 * the facts, whether these still match, they alone know. spec/federation "Subscriptions", ADR 0035.
 */
export function endsOfOwners(
  startup: NonNullable<Change['startup']>,
  before: Claims,
  after: Claims,
  parts: LiveParts,
): Map<LivePart, string> {
  const ends = new Map<LivePart, string>();
  const end = (live: Iterable<LivePart>, reason: string): void => {
    for (const one of live) ends.set(one, reason);
  };
  const succession = successionIn(after);
  for (const owner of abandoned(startup, before, after)) end(parts.ofOwner([owner]), `${owner} was deleted`);
  const subscriptions = new Map<string, StartupResource>();
  for (const [key, resource] of startup) {
    if (resource !== undefined) {
      if (isOfKind(resource.ref, EVENT_SUBSCRIPTION)) subscriptions.set(key, resource);
      continue;
    }
    const gone = before.startup(key);
    if (gone === undefined) continue;
    const owner = ownerOf(gone.ref);
    const isHandedOver = owner !== undefined && succession.heirOf(owner) !== owner;
    if (owner !== undefined && !isHandedOver) end(parts.ofOwner([owner]), `${owner} was deleted`);
    for (const left of after.startupAbout(TOPIC.starts(key))) subscriptions.set(left.key, left);
  }
  for (const { ref, resource } of subscriptions.values()) {
    const plugin = startedPlugin(resource)!;
    const own = parts.ofOwner(succession.namesOf(subscriptionOwner(ref.name)));
    if (after.startup(pluginKey(plugin)) === undefined) end(own, `Plugin/${plugin} was deleted`);
    else {
      const { groupRef } = specOf<EventSubscriptionSpec>(resource);
      const ofOther = own.filter(({ part }) => isPartOfRun(part) && part.group !== groupRef);
      end(ofOther, `no longer matches EventSubscription/${ref.name}`);
    }
  }
  return ends;
}

/** Parts of a BackendSource that leaves the effective config, with the reason. `balancer` decides this. ADR 0028. */
export function endsOfSource({ project, name }: ResourceRef, parts: LiveParts): Map<LivePart, string> {
  const owner = sourceOwner(scopedName(project, name));
  return new Map(parts.ofOwner([owner]).map((live) => [live, `${owner} was deleted`]));
}

/** Whether parts come from a resource by itself, each time it is put: what they will have is not known before. */
export function bringsParts(ref: ResourceRef): boolean {
  return [EVENT_SUBSCRIPTION, PLUGIN, DYNAMIC_CONFIG_SOURCE, BACKEND_SOURCE].some((kind) =>
    isOfKind(ref, kind),
  );
}

/** Whose parts go with an operator resource. */
function ownerOf(ref: ResourceRef): string | undefined {
  if (isOfKind(ref, EVENT_SUBSCRIPTION)) return subscriptionOwner(ref.name);
  if (isOfKind(ref, PLUGIN)) return pluginOwner(ref.name);
  return isOfKind(ref, DYNAMIC_CONFIG_SOURCE) ? configSourceOwner(ref.name) : undefined;
}
