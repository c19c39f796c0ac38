import type { FieldError } from '../../errors.js';
import { SINGLETON_NAME } from './specs.js';

/** Where a kind that exists once stands. */
export const ONE_FOR_ALL = 'there is one for all projects';

/** The rule of a kind that exists once: the error of any other name. */
export function singletonName(kind: string): (name: string) => readonly FieldError[] {
  return (name) =>
    name === SINGLETON_NAME
      ? []
      : [{ pointer: '/metadata/name', message: `must be ${SINGLETON_NAME}: there is one ${kind}` }];
}
