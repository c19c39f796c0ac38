/** Pauses between tries of an API server that does not answer well. Milliseconds. */
export interface BackOff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** 2^16 times the first pause is beyond the longest. */
const MAX_DOUBLINGS = 16;

/**
 * Whole milliseconds to wait after so many tries that failed one after another, 1 or more: doubles up to the longest, of which the
 * upper half is left to chance (`share`, 0 to 1), so that those who were cut off together do not come back together. A server
 * that says when to come again is not asked before, within the longest pause.
 */
export function pauseMs(
  { firstMs, longestMs }: BackOff,
  failures: number,
  share: number,
  retryAfterMs = 0,
): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, MAX_DOUBLINGS);
  const most = Math.min(firstMs * 2 ** doublings, longestMs);
  const asked = Math.min(retryAfterMs, longestMs);
  return Math.round(Math.max(most * (0.5 + share / 2), asked));
}
