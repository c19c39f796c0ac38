const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;

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
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 || s > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  if (date.getUTCMonth() !== mo - 1) return undefined;
  date.setUTCHours(h, mi, s, 0);
  let ms = date.getTime();
  if (zone.toUpperCase() !== 'Z') {
    const sign = zone.startsWith('-') ? -1 : 1;
    const [zh = 0, zm = 0] = zone.slice(1).split(':').map(Number);
    if (zh > 23 || zm > 59) return undefined;
    ms -= sign * (zh * 60 + zm) * 60_000;
  }
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Whether a text is an RFC 3339 time. */
export function isTimestamp(text: string): boolean {
  return timestampNs(text) !== undefined;
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
