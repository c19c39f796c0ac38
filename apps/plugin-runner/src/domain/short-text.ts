import { RESULT_LIMITS } from './result-limits.js';

/** Text that Postgres cannot hold: NUL and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Cs}]/u;

/** Whether a text can be stored as it is. */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** Text of a plugin as errors and records keep it: at most {@link RESULT_LIMITS}.textLength, always storable. */
export function shorten(text: string): string {
  return text.slice(0, RESULT_LIMITS.textLength).replace(/[\0\p{Cs}]/gu, '\uFFFD');
}
