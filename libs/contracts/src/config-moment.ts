import { isDuration, parseDuration } from './duration.js';
import { CodedError } from './errors.js';
import { formatTime, isTimestamp, timestampMs } from './timestamp.js';

/** Where a question about the past looks: a generation, or a time in RFC 3339, UTC, milliseconds. */
export type ConfigMoment = { readonly generation: number } | { readonly time: string };

/** Generations are integers of Postgres. */
const LAST_GENERATION = 2 ** 31 - 1;

/**
 * The moment that a text names: a generation (`7`), a time (`2026-05-30T12:00:00Z`), or how long ago (`2h`). `pointer` names the
 * parameter. Throws `validation-failed` on anything else, and on a time that is still to come.
 */
export function readMoment(text: string, nowMs: number, pointer: string): ConfigMoment {
  if (/^\d+$/.test(text)) {
    const generation = Number(text);
    if (generation >= 1 && generation <= LAST_GENERATION) return { generation };
  }
  if (isDuration(text)) return { time: formatTime(Math.max(0, nowMs - parseDuration(text))) };
  if (!isTimestamp(text))
    throw wrong(pointer, text, 'must be a generation, an RFC 3339 time, or how long ago as 2h or 15m');
  const ms = timestampMs(text);
  if (ms > nowMs)
    throw wrong(pointer, text, `is still to come: the clock of the site says ${formatTime(nowMs)}`);
  return { time: formatTime(ms) };
}

function wrong(pointer: string, text: string, message: string): CodedError {
  return new CodedError('validation-failed', `${pointer.slice(1)} "${text}" ${message}`, [
    { pointer, message },
  ]);
}
