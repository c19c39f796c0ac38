const FIRST_MS = 100;
const LONGEST_MS = 5_000;

/** A server that ran this long was well: its next restart starts from the shortest delay again. */
const STEADY_MS = 10_000;

/** How long to wait before a restart: 100 ms, doubling up to 5 s while the server keeps dying within 10 s. */
export function restartDelay(previousMs: number | undefined, ranMs: number): number {
  if (previousMs === undefined || ranMs >= STEADY_MS) return FIRST_MS;
  return Math.min(previousMs * 2, LONGEST_MS);
}
