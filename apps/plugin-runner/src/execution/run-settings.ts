import { CodedError, parseDuration, type PluginSpec } from '@signalbox/contracts';
import { PROCESS_LIMITS } from './limits.js';
import type { RunRequest } from './run-place.js';

/** What a spec says about its runs. */
export interface RunSettings {
  /** Milliseconds until the deadline of a run. */
  readonly timeoutMs: number;
  /** When a persistent process is replaced. */
  readonly recycle: RunRequest['recycle'];
  /** The spec as a text: equal for equal specs. */
  readonly text: string;
}

const known = new WeakMap<PluginSpec, RunSettings>();

/** Read once for each spec, which nobody changes. Throws `plugin-start-failed`. */
export function settingsOf(spec: PluginSpec): RunSettings {
  let settings = known.get(spec);
  if (!settings) known.set(spec, (settings = readSettings(spec)));
  return settings;
}

function readSettings(spec: PluginSpec): RunSettings {
  const { timeout, recycle } = spec;
  return {
    timeoutMs: readDuration('timeout', timeout, PROCESS_LIMITS.timeoutMs),
    recycle: {
      runs: recycle?.runs ?? PROCESS_LIMITS.recycleRuns,
      afterMs: readDuration('recycle.after', recycle?.after, PROCESS_LIMITS.recycleAfterMs),
    },
    text: JSON.stringify(spec),
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
