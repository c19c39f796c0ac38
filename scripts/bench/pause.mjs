export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for a condition; throws when it does not hold within `withinMs`. Returns what the condition returned. */
export async function until(what, condition, withinMs, everyMs = 20) {
  for (const end = performance.now() + withinMs; ;) {
    const found = await condition();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${Math.round(withinMs / 1000)} s for ${what}`);
    await pause(everyMs);
  }
}
