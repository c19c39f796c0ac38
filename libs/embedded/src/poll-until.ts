import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 20;

/** Asks `holds` every 20 ms until it says true; false when `over` said true first. `holds` is asked at least once. */
export async function pollUntil(
  holds: () => boolean | Promise<boolean>,
  over: () => boolean,
): Promise<boolean> {
  for (;;) {
    if (await holds()) return true;
    if (over()) return false;
    await pause(EVERY_MS);
  }
}

/** A clock that says true once `withinMs` have gone by since it was made. */
export function deadlinePassed(withinMs: number): () => boolean {
  const end = performance.now() + withinMs;
  return () => performance.now() >= end;
}
