import { type Resource, type ResourceChange, refOf } from '@signalbox/contracts';
import { type Change, type Claims, claimsAfter, type JudgedClaims, touchedKeys } from './claims.js';

/**
 * A change as quotas count it: an identity is one resource, whoever says what it is, and one that a quarantined part holds
 * counts too, since it may come back. Costs the change, not the claims. ADR 0029.
 */
export function quotaChanges(before: JudgedClaims, change: Change): ResourceChange[] {
  const after = claimsAfter(before, change);
  return [...touchedKeys(change)].flatMap((key): ResourceChange[] => {
    const [was, is] = [claimed(before, key), claimed(after, key)];
    if (is) return [{ op: 'put', resource: is }];
    return was ? [{ op: 'delete', ref: refOf(was) }] : [];
  });
}

function claimed(claims: Claims, key: string): Resource | undefined {
  return claims.startup(key)?.resource ?? claims.claimants(key)[0]?.produces.get(key)?.resource;
}
