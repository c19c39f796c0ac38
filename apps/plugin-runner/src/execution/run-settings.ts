import { CodedError, parseDuration, type PluginSpec } from '@signalbox/contracts';
import { PROCESS_LIMITS } from './limits.js';
import type { RunRequest } from './run-place.js';

/** Milliseconds until the deadline of a run. Throws `plugin-start-failed`. */
export function timeoutOf({ timeout }: PluginSpec): number {
  return readDuration('timeout', timeout, PROCESS_LIMITS.timeoutMs);
}

/** When a persistent process is replaced. Throws `plugin-start-failed`. */
export function recycleOf({ recycle }: PluginSpec): RunRequest['recycle'] {
  return {
    runs: recycle?.runs ?? PROCESS_LIMITS.recycleRuns,
    afterMs: readDuration('recycle.after', recycle?.after, PROCESS_LIMITS.recycleAfterMs),
  };
}

function readDuration(field: string, text: string | undefined, otherwiseMs: number): number {
  if (text === undefined) return otherwiseMs;
  let ms = 0;
  let cause: unknown;
  try {
    ms = parseDuration(text);
  } catch (error) {
    cause = error;
  }
  if (ms > 0) return ms;
  throw new CodedError(
    'plugin-start-failed',
    `spec.${field} "${text}" is not a duration above zero: write for example 10s`,
    [],
    { cause },
  );
}
