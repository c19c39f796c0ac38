import { refKey, refOf, type Resource, type ResourceRef } from '@signalbox/contracts';
import { resourceDigest } from './config-digest.js';
import type { MergeRules } from './part-content.js';
import { type Placed, type StartupMentions, startupMentions } from './topics.js';

/** A resource with its identity and content digest, worked out once when it enters the model. */
export interface KeyedResource {
  readonly key: string;
  readonly ref: ResourceRef;
  readonly resource: Resource;
  readonly digest: string;
}

/** A resource that wants to be in the effective config. */
export type ClaimedResource = KeyedResource & Placed;

/** A resource that people declared, with the revision that put it and what it says about others. */
export interface StartupResource extends KeyedResource, StartupMentions {
  readonly revision: number;
}

/** A resource is decided on, put into the model and recorded as the same object, which nobody changes. */
const KEYED = new WeakMap<Resource, KeyedResource>();

/** Works it out once for an object. */
export function keyed(resource: Resource): KeyedResource {
  const known = KEYED.get(resource);
  if (known) return known;
  const ref = refOf(resource);
  const found = { key: refKey(ref), ref, resource, digest: resourceDigest(resource) };
  KEYED.set(resource, found);
  return found;
}

/** A resource as people declared it. */
export function startupResource(resource: Resource, revision: number, rules: MergeRules): StartupResource {
  return { ...keyed(resource), revision, ...startupMentions(resource, rules) };
}

/** Code-unit order of keys and sources: the canonical order of everything that leaves the renderer. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
