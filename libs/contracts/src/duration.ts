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
/** Go also takes `.5s` and `5.s`, and both letters that look like µ. */
const GO = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+)$/;
const PIECE = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g;

/** Whether a text is a positive Go duration such as `10s`, `1h30m` or `250ms`. */
export function isDuration(text: string): boolean {
  return WHOLE.test(text);
}

/**
 * Whether the reference reads a text as a duration: as Go does, with a sign, and a lone `0`; empty is absent. For fields
 * where zero and below have a meaning of their own.
 */
export function isGoDuration(text: string): boolean {
  return text === '' || GO.test(text);
}

/** Milliseconds of a text that {@link isGoDuration} accepts: 0 when it is absent, below 0 with a sign. */
export function goDurationMs(text = ''): number {
  const amount = sumOf(text.replaceAll('μ', 'µ'));
  return text.startsWith('-') ? -amount : amount;
}

/**
 * Milliseconds of a Go duration (`10s`, `1h30m`, `250ms`). Fractions of a millisecond are kept.
 * Throws `bad-grammar` on anything else, also on negative durations and bare numbers.
 */
export function parseDuration(text: string): number {
  if (!isDuration(text)) {
    throw new CodedError('bad-grammar', `"${text}" is not a duration: write for example 500ms, 10s or 1h30m`);
  }
  return sumOf(text);
}

function sumOf(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PIECE)) total += Number(amount) * (UNITS_MS[unit ?? ''] ?? 0);
  return total;
}
