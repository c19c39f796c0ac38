import { CodedError } from './errors.js';
import type { Fact } from './fact.js';
import { factToWire } from './fact-wire.js';
import { timestampNs } from './timestamp.js';

/** What decides which of two facts of one lineage is newer (ADR 0009). */
export type FactAge = Pick<Fact, 'observedAt' | 'originSequence' | 'id'>;

const MAX_NS = 2n ** 63n - 1n;

/**
 * Nanoseconds as a bigint column holds them. Times before 1677 and after 2262 (people write 9999-12-31 for "never")
 * become the ends of that range; an accepted fact must not block the projection.
 */
export function storedNs(ns: bigint): string {
  return String(boundedNs(ns));
}

function boundedNs(ns: bigint): bigint {
  return ns > MAX_NS ? MAX_NS : ns < -MAX_NS ? -MAX_NS : ns;
}

/**
 * The one order of the facts of a lineage, oldest first: by observedAt, then the sequence of the first acceptance at
 * the origin (a fact without one comes before those with one), then the id, byte by byte as Go and Postgres compare.
 * It asks nothing about when the facts arrived here, so every peer finds the same fact the newest. What
 * Postgres sorts has the same order: `NEWEST_FIRST` in `libs/store`.
 */
export function compareFacts(a: FactAge, b: FactAge): number {
  if (a.observedAt !== b.observedAt) {
    const [mine, theirs] = [observedNs(a), observedNs(b)];
    if (mine !== theirs) return mine < theirs ? -1 : 1;
  }
  const [mine, theirs] = [a.originSequence ?? 0, b.originSequence ?? 0];
  if (mine !== theirs) return mine < theirs ? -1 : 1;
  return Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
}

function observedNs({ observedAt }: FactAge): bigint {
  return boundedNs(timestampNs(observedAt) ?? 0n);
}

/**
 * The `originSequence` of a pushed body; undefined when the peer sends none, as a Go peer does.
 * Throws `bad-grammar` when it is no positive whole number: a guess would order the fact differently at every peer.
 */
export function readOriginSequence(body: unknown): number | undefined {
  const value = (body as { originSequence?: unknown } | null)?.originSequence;
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  const message = `must be a whole number from 1 to ${Number.MAX_SAFE_INTEGER}, or left out`;
  throw new CodedError('bad-grammar', `the fact is not valid: /originSequence ${message}`, [
    { pointer: '/originSequence', message },
  ]);
}

/** The body that is pushed to peers: the fact as everyone sees it, and its `originSequence`. */
export function factToPeer(fact: Fact): Record<string, unknown> {
  const { originSequence } = fact;
  return { ...factToWire(fact), ...(originSequence !== undefined && { originSequence }) };
}
