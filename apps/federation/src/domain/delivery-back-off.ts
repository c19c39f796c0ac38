/** Bounds of the pause between two tries of a fact. Milliseconds. spec/federation "Delivery". */
export const DELIVERY_BACK_OFF = { firstMs: 200, longestMs: 5 * 60_000 } as const;

/** 2^11 times the first pause is beyond the longest. */
const MAX_DOUBLINGS = 20;

/**
 * Whole milliseconds to wait after the given number of failed tries (1, 2, …): full jitter, that is `share` (0 to 1,
 * drawn by the caller) of 200 ms doubled per try, at most 5 min.
 */
export function deliveryBackOffMs(failedTries: number, share: number): number {
  const { firstMs, longestMs } = DELIVERY_BACK_OFF;
  const doublings = Math.min(Math.max(failedTries, 1) - 1, MAX_DOUBLINGS);
  return Math.round(share * Math.min(firstMs * 2 ** doublings, longestMs));
}
