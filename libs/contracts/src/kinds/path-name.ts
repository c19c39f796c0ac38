import type { FieldError } from '../errors.js';

/** Path segments that clients resolve before they send a URL, percent-encoded or not. RFC 3986 section 5.2.4. */
const DOT_SEGMENTS: readonly string[] = ['.', '..'];

/** The error of a name that stands in the path of a URL and cannot. */
export function pathNameErrors(pointer: string, name: string): readonly FieldError[] {
  if (!DOT_SEGMENTS.includes(name)) return [];
  return [{ pointer, message: `must not be "${name}": no URL can lead to it` }];
}
