import {
  allowsMask,
  refText,
  type ResourceRef,
  type SuppressedResource,
  suppressedResource,
} from '@signalbox/contracts';
import { type Claims, ownerIn } from './claims.js';
import { compareText, type StartupResource } from './keyed-resource.js';
import type { LivePart } from './live-part.js';
import type { Problem } from './problem.js';
import { TOPIC } from './topics.js';

/**
 * Masks take away, so nothing about them may hang on which parts stand: the merge would have no one answer. All rules here ask
 * for what is declared and what is live only, standing or held back. ADR 0031.
 */

/** Why the masks of a part are denied. */
export function maskProblems(live: LivePart, claims: Claims): Problem[] {
  return [...live.masks].flatMap(([key, { index, ref }]) => {
    const why = denialOf(live, key, ref, claims);
    if (why === undefined) return [];
    const message = `mask of ${ref.apiVersion} ${refText(ref)} is denied: ${why}`;
    return [{ code: 'mask-denied' as const, pointer: `/directives/${index}`, message }];
  });
}

function denialOf(live: LivePart, key: string, ref: ResourceRef, claims: Claims): string | undefined {
  if (claims.startup(key) === undefined) {
    const owner = claims.claimants(key)[0]?.part.owner;
    return owner === undefined
      ? 'no operator declared it'
      : `it is brought by ${owner}, and only what operators declare can be masked`;
  }
  if (!isAllowed(live, key, claims))
    return `no DynamicOverridePolicy allows ${live.part.owner} to mask ${refText(ref)}`;
  const referrer = first(
    [...claims.startupAbout(TOPIC.reference(key))].filter((other) => !live.masks.has(other.key)),
    (a, b) => compareText(a.key, b.key),
  );
  if (referrer !== undefined) return `${refText(referrer.ref)} refers to it: it would have to be masked too`;
  const user = first(
    [...claims.partsAbout(TOPIC.reference(key))].filter(({ order }) => order < live.order),
    byOrder,
  );
  return user && `the part ${user.part.source} refers to it and was there before`;
}

/** Whether any policy allows the part to mask it; a policy that is masked itself still says what operators allow. */
function isAllowed(live: LivePart, key: string, claims: Claims): boolean {
  const { part } = live;
  for (const { resource } of claims.startupAbout(TOPIC.policy(key))) {
    if (allowsMask(resource, part, key)) return true;
    // what was handed over may do what its owner may
    if (allowsMask(resource, { ...part, owner: ownerIn(claims, live) }, key)) return true;
  }
  return false;
}

/**
 * The part because of whose mask another part cannot refer to an operator resource: the oldest that may mask it, when that is not
 * younger. One that is held back counts as well: as long as it is live it may come back.
 */
export function hiddenBy(live: LivePart, startup: StartupResource, claims: Claims): LivePart | undefined {
  const { key } = startup;
  const maskers = [...claims.partsAbout(TOPIC.mask(key))].filter(
    (masker) => masker.order <= live.order && isAllowed(masker, key, claims),
  );
  return first(maskers, byOrder);
}

/** Parts that hide an operator resource from the effective config when exactly the parts that `stands` names are active. */
export function maskersOf(claims: Claims, key: string, stands: (live: LivePart) => boolean): LivePart[] {
  return claims.startup(key) === undefined ? [] : [...claims.partsAbout(TOPIC.mask(key))].filter(stands);
}

/** What is recorded of an operator resource that parts hide. D2, D4. */
export function suppressed({ key, ref }: StartupResource, maskers: readonly LivePart[]): SuppressedResource {
  return suppressedResource(
    ref,
    maskers.map(({ part: { source, expiresAt }, masks }) => {
      const reason = masks.get(key)?.reason;
      return {
        source,
        ...(expiresAt !== undefined && { expiresAt }),
        ...(reason !== undefined && { reason }),
      };
    }),
  );
}

function byOrder(a: LivePart, b: LivePart): number {
  return a.order - b.order;
}

function first<T>(things: readonly T[], compare: (a: T, b: T) => number): T | undefined {
  return things.reduce<T | undefined>(
    (least, one) => (least === undefined || compare(one, least) < 0 ? one : least),
    undefined,
  );
}
