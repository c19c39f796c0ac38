import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;
const ANSWER_MS = 1_000;
/** After this long it is said who keeps the others waiting. */
const PATIENCE_MS = 10_000;

/** Waits until every service says that it is ready. Throws when `signal` ends the wait. */
export async function untilReady(
  services: readonly { readonly url: string }[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const since = performance.now();
  let waiting = services.map(({ url }) => url);
  for (let said = false; ;) {
    const ready = await Promise.all(waiting.map(isReady));
    waiting = waiting.filter((_url, index) => !ready[index]);
    if (waiting.length === 0) return;
    if (!said && performance.now() - since > PATIENCE_MS) {
      said = true;
      log(`not ready yet: ${waiting.map((url) => `${url}/readyz?verbose`).join(', ')} say why`);
    }
    await pause(EVERY_MS, undefined, { signal });
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) })).ok;
  } catch {
    return false; // it is being started again
  }
}
