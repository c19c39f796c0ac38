import type { FieldError } from '../../errors.js';
import type { Resource } from '../../resource.js';
import { SINGLETON_NAME } from './specs.js';

/** The error of a second resource of a kind that exists once. */
export function singletonErrors({ kind, metadata }: Resource): readonly FieldError[] {
  if (metadata.name === SINGLETON_NAME) return [];
  return [{ pointer: '/metadata/name', message: `must be ${SINGLETON_NAME}: there is one ${kind}` }];
}
