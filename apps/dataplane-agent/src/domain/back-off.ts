/** Pauses between tries of a data plane that does not answer. Milliseconds. */
export const BACK_OFF_MS = { first: 500, last: 30_000 } as const;

/** The pause after so many tries that failed one after another, 1 or more. Doubles up to half a minute. */
export function backOffMs(failures: number): number {
  return Math.min(BACK_OFF_MS.first * 2 ** Math.min(failures - 1, 16), BACK_OFF_MS.last);
}
