/** A clock that is told in whole seconds was read up to so much earlier. Milliseconds. */
const GRAIN_MS = 1000;

/**
 * How far another clock is from ours, by the `Date` of an answer that was written between two times of ours. 0 when both may
 * be equal: a slow way, or whole seconds, are no skew. Milliseconds; more than 0 = it is ahead. O12.
 */
export function clockSkewMs(dateMs: number, askedMs: number, answeredMs: number): number {
  const earliest = askedMs - GRAIN_MS;
  if (dateMs > answeredMs) return dateMs - answeredMs;
  return dateMs < earliest ? dateMs - earliest : 0;
}
