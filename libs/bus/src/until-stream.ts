import { type Bus, isOfNats } from './bus.js';
import { Pauses } from './pauses.js';
import { streamInfo } from './streams.js';

/** Pauses between looks for a stream that somebody else makes. Milliseconds. */
const LOOK_MS = { first: 250, last: 5000 } as const;

/** Waits until a stream is there, saying so once; `false` when `signal` ends the wait. */
export async function untilStream(bus: Bus, stream: string, signal: AbortSignal): Promise<boolean> {
  const pauses = new Pauses();
  signal.addEventListener('abort', () => pauses.end(), { once: true });
  let said = false;
  for (let pauseMs: number = LOOK_MS.first; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LOOK_MS.last)) {
    try {
      if (await streamInfo(bus.manager, stream)) return true;
      if (!said) bus.log.info({ stream }, 'waiting for a stream that another service makes');
      said = true;
    } catch (error) {
      if (!isOfNats(error)) throw error;
    }
    await pauses.for(pauseMs);
  }
  return false;
}
