import { DEFAULT_PROJECT } from '../resource.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from './kind.js';

/** The error of a reference to what its project does not have; nothing when it does, or when the name is blank. */
export function checkReference(
  pointer: string,
  target: Pick<Kind, 'apiVersion' | 'kind' | 'whyDefaultProject'>,
  name: string | undefined,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  if (name === undefined || name.trim() === '' || lookup(target.apiVersion, target.kind, name)) return [];
  const { apiVersion, kind, whyDefaultProject } = target;
  const project = whyDefaultProject === undefined ? (lookup.project ?? DEFAULT_PROJECT) : DEFAULT_PROJECT;
  const where = project === DEFAULT_PROJECT ? ': declare it' : ` in project ${project}: declare it there`;
  const message = `${kind}/${name} does not exist${where} or correct the name`;
  return [{ pointer, message, missing: { apiVersion, kind, project, name } }];
}
