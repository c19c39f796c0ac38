import { type Bus, ensureStream, STREAM_DEFINITIONS, STREAM_KEEPERS, streamInfo } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import type { Log } from './log.js';

type StreamKey = keyof typeof STREAM_DEFINITIONS;

/** What every service reads or appends to. */
const COMMON: readonly StreamKey[] = ['journal', 'activity', 'dead'];
const AGAIN_MS = 250;

/**
 * Reconciles the streams that `services` keep, and waits for those that they need and another service keeps, saying so
 * once for each. Throws `nats-unavailable` when `signal` ends the wait.
 */
export async function prepareStreams(
  bus: Bus,
  services: readonly string[],
  log: Log,
  signal?: AbortSignal,
): Promise<void> {
  for (const key of Object.keys(STREAM_DEFINITIONS) as StreamKey[]) {
    if (services.includes(STREAM_KEEPERS[key])) await ensureStream(bus.manager, STREAM_DEFINITIONS[key]);
  }
  const needed = services.includes('plugin-runner') ? [...COMMON, 'runs' as const] : COMMON;
  for (const key of needed) await untilThere(bus, key, log, signal);
}

async function untilThere(bus: Bus, key: StreamKey, log: Log, signal?: AbortSignal): Promise<void> {
  const { name } = STREAM_DEFINITIONS[key];
  const keeper = STREAM_KEEPERS[key];
  let said = false;
  for (; !(await streamInfo(bus.manager, name)); said = true) {
    if (signal?.aborted)
      throw new CodedError('nats-unavailable', `gave up waiting for the stream ${name} of ${keeper}`);
    if (!said) log.info({ stream: name, keeper }, 'waiting for a stream that another service makes');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  if (said) log.info({ stream: name }, 'the stream is there');
}
