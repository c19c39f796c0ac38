import type { FieldError } from '../../errors.js';
import type { Resource } from '../../resource.js';

/** Path segments that clients resolve before they send a URL, percent-encoded or not. RFC 3986 section 5.2.4. */
const DOT_SEGMENTS: readonly string[] = ['.', '..'];

/** The error of a name that cannot stand in the path of a URL, where names of balancing are. */
export function pathNameErrors(pointer: string, name: string): readonly FieldError[] {
  if (!DOT_SEGMENTS.includes(name)) return [];
  return [{ pointer, message: `must not be "${name}": no URL can lead to it` }];
}

/** The same for the name of a resource. */
export function ownNameErrors({ metadata }: Resource): readonly FieldError[] {
  return pathNameErrors('/metadata/name', metadata.name);
}
