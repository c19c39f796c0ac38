import type { Bus } from '@signalbox/bus';

/** Pause before it is tried again. Milliseconds. */
const AGAIN_MS = 500;

/**
 * Does a piece of the start, again and again while NATS or Postgres is away; undefined when the service stops before. What no outage
 * explains is told once, as `trouble`.
 */
export async function untilDone<T>(
  bus: Pick<Bus, 'outages' | 'log'>,
  signal: AbortSignal,
  trouble: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  for (let said = false; !signal.aborted;) {
    try {
      return await work();
    } catch (err) {
      if (!said && !signal.aborted && !bus.outages.explain(err)) {
        said = true;
        bus.log.error({ err }, trouble);
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
  return undefined;
}
