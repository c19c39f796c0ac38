import { CodedError, kindOf, type Resource, validateResource } from '@signalbox/contracts';

/**
 * A resource that a part brings, in normal form. Throws as `validateResource` does, and `validation-failed` for a kind that only
 * people declare: a plugin does not say who owns what. ADR 0029.
 */
export function validateProposed(input: unknown): Resource {
  const resource = validateResource(input);
  const { apiVersion, kind } = resource;
  if (kindOf(apiVersion, kind)?.isOfPeople !== true) return resource;
  const message = 'is declared by people only: no part may bring it';
  throw new CodedError('validation-failed', `${kind} ${message}`, [{ pointer: '/kind', message }]);
}
