import { refKey, refOf, type Resource } from '../resource.js';
import type { Kind } from './kind.js';

/** Key of what a resource names in its own project. */
export function namedKey(resource: Resource, { apiVersion, kind }: Kind, name: string): string {
  return refKey({ apiVersion, kind, project: refOf(resource).project, name });
}
