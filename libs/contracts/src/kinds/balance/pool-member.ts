import { NON_BLANK, shape } from '../../schema/shape.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { backendPlace, FRONTEND, inlineMembers, WEIGHT } from './frontend.js';
import { BALANCE_API, type FrontendSpec, type PoolMemberSpec } from './specs.js';

/**
 * One backend in one pool of a frontend, as a resource of its own. spec/health "Input".
 * Its name follows from the pair, so that the same pair twice is the same resource. The family is compared with the
 * first backend that the frontend names itself; members among each other are compared where the whole set is at hand.
 */
export const POOL_MEMBER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'PoolMember',
  schema: shape<PoolMemberSpec>(
    { frontendRef: NON_BLANK, pool: NON_BLANK, backendRef: NON_BLANK },
    { weight: WEIGHT },
  ),
  checkFields(resource) {
    const { frontendRef, backendRef } = specOf<PoolMemberSpec>(resource);
    const name = `${frontendRef}/${backendRef}`;
    if (resource.metadata.name === name) return [];
    return [{ pointer: '/metadata/name', message: `must be ${name}: the frontend and the backend` }];
  },
  checkReferences(resource, lookup) {
    const spec = specOf<PoolMemberSpec>(resource);
    const frontend = lookup(FRONTEND.apiVersion, FRONTEND.kind, spec.frontendRef);
    return [
      ...checkReference('/spec/frontendRef', FRONTEND, spec.frontendRef, lookup),
      ...checkReference('/spec/backendRef', BACKEND, spec.backendRef, lookup),
      ...(frontend ? fitErrors(spec, specOf<FrontendSpec>(frontend), lookup) : []),
    ];
  },
};

function fitErrors(
  { frontendRef, pool, backendRef }: PoolMemberSpec,
  frontend: FrontendSpec,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  const errors: ReferenceFieldError[] = [];
  if (!frontend.pools.some(({ name }) => name === pool))
    errors.push({ pointer: '/spec/pool', message: `is no pool of Frontend/${frontendRef}` });
  const inline = inlineMembers(frontend);
  const same = inline.find(({ backend }) => backend === backendRef);
  if (same)
    errors.push({
      pointer: '/spec/backendRef',
      message: `already stands in pool ${same.pool} of Frontend/${frontendRef}`,
    });
  const own = backendPlace(backendRef, lookup);
  const [first] = inline;
  const other = first && backendPlace(first.backend, lookup);
  if (first && own && !other)
    errors.push({
      pointer: '/spec/frontendRef',
      message: `names Backend/${first.backend}, which does not exist`,
      missing: { apiVersion: BACKEND.apiVersion, kind: BACKEND.kind, name: first.backend },
    });
  if (first && own && other && own.family !== other.family)
    errors.push({
      pointer: '/spec/backendRef',
      message: `is ${own.family}, but Backend/${first.backend} of Frontend/${frontendRef} is ${other.family}`,
    });
  return errors;
}
