/** Longest time that a server may ask to be left alone: one that is wrong must not end a sink. Milliseconds. */
export const LONGEST_REST_MS = 3_600_000;

/** Preferred form of a date in headers. RFC 9110 section 5.6.7. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * How long a server asks to be left alone by `Retry-After`, in seconds or until a date, at most {@link LONGEST_REST_MS};
 * undefined when it says neither, or a date that is over. RFC 9110 section 10.2.3. Milliseconds.
 */
export function restMsOf(retryAfter: string | undefined, now: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  const text = retryAfter.trim();
  const wanted = /^\d+$/.test(text) ? Number(text) * 1000 : HTTP_DATE.test(text) ? Date.parse(text) - now : 0;
  return wanted > 0 ? Math.min(wanted, LONGEST_REST_MS) : undefined;
}
