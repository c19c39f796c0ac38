/** From the first try again to the longest wait between two. Milliseconds. */
export const RETRY_MS = { first: 1000, longest: 300_000 } as const;

/** How long after the n-th failure in a row it is tried again; `attempts` counts from 1. Doubles. Milliseconds. */
export function retryWaitMs(attempts: number): number {
  return Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.min(attempts - 1, 30));
}
