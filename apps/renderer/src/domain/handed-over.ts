import { ownerKey, ownerOfResource } from '@signalbox/contracts';
import { type Change, type Claims, successionIn } from './claims.js';
import type { LivePart } from './live-part.js';
import type { LiveParts } from './live-parts.js';

/**
 * Live parts that belong to another owner after a change of operator resources: those of names that are declared, go, or are taken
 * over from. Costs the change. ADR 0039.
 */
export function handedOver(
  startup: NonNullable<Change['startup']>,
  before: Claims,
  after: Claims,
  parts: LiveParts,
): LivePart[] {
  const [was, is] = [successionIn(before), successionIn(after)];
  const changed = namesIn(startup, before).filter((name) => was.heirOf(name) !== is.heirOf(name));
  return parts.ofOwner(changed);
}

/** Names of owners that belonged to another one before a change and to nobody after it. */
export function abandoned(startup: NonNullable<Change['startup']>, before: Claims, after: Claims): string[] {
  const [was, is] = [successionIn(before), successionIn(after)];
  return namesIn(startup, before).filter(
    (name) => was.heirOf(name) !== name && is.heirOf(name) === name && !isDeclared(name, after),
  );
}

/** Owners that a change is about, and whom they take or took over from. */
function namesIn(startup: NonNullable<Change['startup']>, before: Claims): string[] {
  const names = new Set<string>();
  for (const [key, resource] of startup)
    for (const one of [before.startup(key), resource]) {
      const found = one && ownerOfResource(one.resource);
      if (!found) continue;
      names.add(found.owner);
      if (found.former !== undefined) names.add(found.former);
    }
  return [...names];
}

function isDeclared(owner: string, claims: Claims): boolean {
  return claims.startup(ownerKey(owner) ?? '') !== undefined;
}
