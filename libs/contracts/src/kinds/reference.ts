import type { FieldError } from '../errors.js';
import type { ResourceLookup } from './kind.js';

/** The error of a reference to something that is not declared; nothing when it is, or when the name is blank. */
export function checkReference(
  pointer: string,
  target: { readonly apiVersion: string; readonly kind: string },
  name: string | undefined,
  lookup: ResourceLookup,
): readonly FieldError[] {
  if (name === undefined || name.trim() === '' || lookup(target.apiVersion, target.kind, name)) return [];
  return [{ pointer, message: `${target.kind}/${name} does not exist: declare it or correct the name` }];
}
