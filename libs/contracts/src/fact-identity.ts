import { canonicalJson, sha256Hex } from './canonical-json.js';
import type { Fact } from './fact.js';
import { timestampNs } from './timestamp.js';

/**
 * What a fact is about: `dedupeKey` if given and different from `id`; else `type` + `subject`; with no subject, `id`.
 * Architecture section 1. The result is prefixed so that the three forms cannot collide.
 */
export function factKey(fact: Pick<Fact, 'id' | 'dedupeKey' | 'type' | 'subject'>): string {
  if (fact.dedupeKey !== fact.id) return `key:${fact.dedupeKey}`;
  if (fact.subject !== '') return `about:${fact.type} ${fact.subject}`;
  return `id:${fact.id}`;
}

/** Text of a lineage inside a group: origin, NUL, fact key. */
export function lineageOf(origin: string, key: string): string {
  return `${origin}\u0000${key}`;
}

/** Digest of what makes two facts of one id the same: type, subject, dedupeKey, payload; never the times. */
export function contentDigest(fact: Fact): string {
  return sha256Hex(canonicalJson([fact.type, fact.subject, fact.dedupeKey, fact.payload]));
}

/** Expiry in nanoseconds, undefined when the fact never expires. */
export function expiryNs(fact: Pick<Fact, 'expiresAt'>): bigint | undefined {
  return fact.expiresAt === undefined ? undefined : timestampNs(fact.expiresAt);
}

/** Strictly after `expiresAt`; a fact without expiry never expires (E4). */
export function isExpired(fact: Pick<Fact, 'expiresAt'>, nowMs: number): boolean {
  const expires = expiryNs(fact);
  return expires !== undefined && BigInt(nowMs) * 1_000_000n > expires;
}
