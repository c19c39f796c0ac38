const UNSTORABLE = /[\0\p{Cs}]/u;

/** What people read when {@link isStorable} says no. */
export const STORABLE_TEXT = 'must be well-formed text without NUL';

/**
 * Whether Postgres can hold a text: no NUL, no half of a surrogate pair. Other text is kept out at the edge, so that
 * nothing accepted can block a projection.
 */
export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}
