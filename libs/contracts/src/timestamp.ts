const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

/** How Go writes an absent time; it means "absent" on every input. */
export const ZERO_TIME = '0001-01-01T00:00:00Z';

/** What people read when {@link isWireTime} says no. */
export const WIRE_TIME =
  'must be an RFC 3339 time such as 2026-05-30T12:00:00Z: capital T and Z, seconds 00-59, any offset as +01:00';

/**
 * Nanoseconds since 1970 of an RFC 3339 time, or undefined when the text is not one.
 * Facts keep the text as it came; all comparisons use this number.
 */
export function timestampNs(text: string): bigint | undefined {
  const ms = secondsMs(text);
  return ms === undefined ? undefined : BigInt(ms) * 1_000_000n + fractionNs(text);
}

/** Milliseconds of a time without its fraction; every record has several times, so that nothing is cut out of the text. */
function secondsMs(text: string): number | undefined {
  if (!RFC3339.test(text)) return undefined;
  const [year, month, day] = [number(text, 0, 4), number(text, 5, 7), number(text, 8, 10)];
  const [hour, minute, second] = [number(text, 11, 13), number(text, 14, 16), number(text, 17, 19)];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return undefined;
  if (day > 28 && day > daysOf(year, month)) return undefined;
  const offset = offsetMinutes(text);
  if (offset === undefined) return undefined;
  return dayMs(year, month, day) + ((hour * 60 + minute - offset) * 60 + second) * 1000;
}

/** Minutes by which the zone is before UTC; undefined when there is no such zone. */
function offsetMinutes(text: string): number | undefined {
  const end = text.length;
  const last = text.charCodeAt(end - 1);
  if (last === UPPER_Z || last === LOWER_Z) return 0;
  const [hours, minutes] = [number(text, end - 5, end - 3), number(text, end - 2, end)];
  if (hours > 23 || minutes > 59) return undefined;
  return (text[end - 6] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

/** Further digits than nine are left out. */
function fractionNs(text: string): bigint {
  if (text[19] !== '.') return 0n;
  let ns = 0;
  let unit = 100_000_000;
  for (let at = 20; unit >= 1 && isDigit(text.charCodeAt(at)); at += 1, unit /= 10)
    ns += (text.charCodeAt(at) - ZERO) * unit;
  return BigInt(ns);
}

const [ZERO, NINE, UPPER_Z, LOWER_Z] = [0x30, 0x39, 0x5a, 0x7a];

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

/** The number that digits of the text from `start` up to `end` make. */
function number(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 10 + text.charCodeAt(at) - ZERO;
  return value;
}

function daysOf(year: number, month: number): number {
  return new Date(dayMs(year, month + 1, 0)).getUTCDate();
}

function dayMs(year: number, month: number, day: number): number {
  // the built-in takes years below 100 for those of the last century
  return year < 100 ? new Date(0).setUTCFullYear(year, month - 1, day) : Date.UTC(year, month - 1, day);
}

/** Whether a text is an RFC 3339 time. */
export function isTimestamp(text: string): boolean {
  return secondsMs(text) !== undefined;
}

/**
 * Whether a Go peer reads a time as well: it wants capital `T` and `Z` and knows no leap second. Facts are held to this
 * at intake, because their times are forwarded as they came. `ns`: what {@link timestampNs} says of the text.
 */
export function isWireTime(text: string, ns = timestampNs(text)): boolean {
  return ns !== undefined && !/[tz]/.test(text) && text.slice(17, 19) !== '60';
}

/** Whether a time is Go's zero time in whatever spelling. */
export function isZeroTime(text: string): boolean {
  return timestampNs(text) === ZERO_NS;
}

/** RFC 3339 text (UTC, milliseconds) of a clock reading in milliseconds. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** Milliseconds since 1970 of an RFC 3339 time; throws RangeError when the text is not one. */
export function timestampMs(text: string): number {
  const ns = timestampNs(text);
  if (ns === undefined) throw new RangeError(`not an RFC 3339 time: ${text}`);
  return Number(ns / 1_000_000n);
}

/** {@link ZERO_TIME} in nanoseconds. */
export const ZERO_NS = timestampNs(ZERO_TIME);
