/** How long a test waits for a condition unless it says otherwise: for hangs only, whatever else the machine does. Milliseconds. */
export const DEADLINE_MS = 60_000;

/** Between two checks: as long as the last one took, so that no check keeps busy what it waits for. Milliseconds. */
const PAUSE = { least: 20, most: 500 } as const;

/**
 * Waits until `check` gives something other than undefined, null or false, and returns it. A check that throws counts
 * as "not yet". Fails with the last error or value after the deadline.
 */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    const began = performance.now();
    try {
      const value = await check();
      if (value !== undefined && value !== null && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${deadlineMs} ms for ${what}`, {
        cause: last instanceof Error ? last : undefined,
      });
    }
    const tookMs = performance.now() - began;
    const pauseMs = Math.min(PAUSE.most, Math.max(PAUSE.least, tookMs));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
