import type { ReferenceFieldError, ResourceLookup } from './kind.js';

/** The error of a reference to something that is not declared; nothing when it is, or when the name is blank. */
export function checkReference(
  pointer: string,
  target: { readonly apiVersion: string; readonly kind: string },
  name: string | undefined,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  if (name === undefined || name.trim() === '' || lookup(target.apiVersion, target.kind, name)) return [];
  const { apiVersion, kind } = target;
  const message = `${kind}/${name} does not exist: declare it or correct the name`;
  return [{ pointer, message, missing: { apiVersion, kind, name } }];
}
