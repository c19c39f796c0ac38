import { BATCH_LIMITS, type BatchPolicy, isExpired } from '@signalbox/contracts';
import type { Lineage, SubscriptionQueue } from './lineage-book.js';
import type { MatchedFact } from './run-order.js';

/** Lineages that are ready, with what waits of them, in their turns. */
type Ready = Pick<SubscriptionQueue, 'ready'>;

/** What one batch takes, and what has expired before. */
export interface Gathered {
  readonly facts: readonly MatchedFact[];
  readonly expired: readonly Lineage[];
}

/**
 * When the next batch of a subscription starts, in milliseconds since 1970; undefined when nothing is ready. A full one starts
 * at once. With `debounce` the latest fact counts, and the window, or a minute, is the longest wait. Reference 5.4.
 */
export function batchDueMs({ ready }: Ready, { windowMs, debounceMs }: BatchPolicy): number | undefined {
  if (ready.size === 0) return undefined;
  if (ready.size >= BATCH_LIMITS.facts) return 0;
  let [first, latest, bytes, orderBytes] = [Infinity, 0, 0, 0];
  for (const { pending } of ready.values()) {
    if (!pending) continue;
    const { fact, since } = pending;
    // what was matched before facts were gathered here has waited long enough
    first = Math.min(first, since.atMs ?? 0);
    latest = Math.max(latest, fact.gathered?.atMs ?? 0);
    bytes += fact.gathered?.bytes ?? 0;
    orderBytes += orderBytesOf(fact);
  }
  if (bytes >= BATCH_LIMITS.bytes || orderBytes >= BATCH_LIMITS.orderBytes) return 0;
  const latestStart = first + (windowMs ?? BATCH_LIMITS.longestDebounceMs);
  return debounceMs === undefined ? latestStart : Math.min(latest + debounceMs, latestStart);
}

/** The facts of the next batch, first come first, within {@link BATCH_LIMITS}; what has expired is no part of it. */
export function nextBatch({ ready }: Ready, nowMs: number): Gathered {
  const facts: MatchedFact[] = [];
  const expired: Lineage[] = [];
  let [bytes, orderBytes] = [0, 0];
  for (const lineage of ready.ascending()) {
    const fact = lineage.pending?.fact;
    if (!fact) continue;
    if (isExpired(fact, nowMs)) {
      expired.push(lineage);
      continue;
    }
    bytes += fact.gathered?.bytes ?? 0;
    orderBytes += orderBytesOf(fact);
    const fits = bytes <= BATCH_LIMITS.bytes && orderBytes <= BATCH_LIMITS.orderBytes;
    if (facts.length > 0 && !fits) break;
    facts.push(fact);
    if (facts.length === BATCH_LIMITS.facts) break;
  }
  return { facts, expired };
}

function orderBytesOf({ fact }: MatchedFact): number {
  return Buffer.byteLength(JSON.stringify(fact));
}
