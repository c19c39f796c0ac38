import {
  boundedStream,
  type Bus,
  ensureStream,
  isOfNats,
  STREAM_DEFINITIONS,
  STREAM_KEEPERS,
  type StreamBounds,
  streamInfo,
} from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import type { Log } from './log.js';

type StreamKey = keyof typeof STREAM_DEFINITIONS;

/** What every service reads or appends to. */
const COMMON: readonly StreamKey[] = ['journal', 'activity', 'dead'];
const AGAIN_MS = 250;

/**
 * Reconciles the streams that `services` keep, with the `bounds` that an operator chose, and waits for those that they need and another service keeps, saying so
 * once for each. An outage of NATS, or of the node that leads a stream, makes it wait longer. Throws `nats-unavailable` when `signal` ends the wait.
 */
export async function prepareStreams(
  bus: Bus,
  services: readonly string[],
  bounds: StreamBounds,
  log: Log,
  signal?: AbortSignal,
): Promise<void> {
  const until = (name: string, isDone: () => Promise<boolean>): Promise<void> =>
    repeat(name, bus, isDone, log, signal);
  for (const key of Object.keys(STREAM_DEFINITIONS) as StreamKey[]) {
    const { definition, configured } = boundedStream(key, bounds);
    if (services.includes(STREAM_KEEPERS[key]))
      await until(definition.name, async () =>
        Boolean(await ensureStream(bus.manager, definition, log, configured)),
      );
  }
  for (const key of COMMON) {
    const [{ name }, keeper] = [STREAM_DEFINITIONS[key], STREAM_KEEPERS[key]];
    let said = false;
    await until(name, async () => {
      if (await streamInfo(bus.manager, name)) return true;
      if (!said) log.info({ stream: name, keeper }, 'waiting for a stream that another service makes');
      said = true;
      return false;
    });
    if (said) log.info({ stream: name }, 'the stream is there');
  }
}

async function repeat(
  stream: string,
  bus: Bus,
  isDone: () => Promise<boolean>,
  log: Log,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let said = false; ;) {
    try {
      if (await isDone()) return;
    } catch (cause) {
      if (!isOfNats(cause))
        throw new CodedError(
          'nats-unavailable',
          `the stream ${stream} cannot be used: ${String(cause)}`,
          [],
          {
            cause,
          },
        );
      if (!said && !bus.outages.explain(cause)) {
        log.warn({ stream, reason: String(cause) }, 'a stream cannot be reached, trying again');
        said = true;
      }
    }
    if (signal?.aborted) throw new CodedError('nats-unavailable', `gave up waiting for the stream ${stream}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
