import { CodedError } from './errors.js';

const UNITS_MS: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};
const WHOLE = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/;
const PIECE = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;

/** Whether a text is a positive Go duration such as `10s`, `1h30m` or `250ms`. */
export function isDuration(text: string): boolean {
  return WHOLE.test(text);
}

/**
 * Milliseconds of a Go duration (`10s`, `1h30m`, `250ms`). Fractions of a millisecond are kept.
 * Throws `bad-grammar` on anything else, also on negative durations and bare numbers.
 */
export function parseDuration(text: string): number {
  if (!isDuration(text)) {
    throw new CodedError('bad-grammar', `"${text}" is not a duration: write for example 500ms, 10s or 1h30m`);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PIECE)) total += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0);
  return total;
}
