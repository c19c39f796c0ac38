import { DEFAULT_PROJECT } from '../resource.js';
import type { ReferenceFieldError, ResourceLookup } from './kind.js';

/** The error of a reference to what its project does not have; nothing when it does, or when the name is blank. */
export function checkReference(
  pointer: string,
  target: { readonly apiVersion: string; readonly kind: string },
  name: string | undefined,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  if (name === undefined || name.trim() === '' || lookup(target.apiVersion, target.kind, name)) return [];
  const { apiVersion, kind } = target;
  const { project = DEFAULT_PROJECT } = lookup;
  const where = project === DEFAULT_PROJECT ? ': declare it' : ` in project ${project}: declare it there`;
  const message = `${kind}/${name} does not exist${where} or correct the name`;
  return [{ pointer, message, missing: { apiVersion, kind, name } }];
}
