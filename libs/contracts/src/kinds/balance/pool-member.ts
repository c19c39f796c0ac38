import type { FieldError } from '../../errors.js';
import { pointerToken } from '../../json-pointer.js';
import { NON_BLANK, shape } from '../../schema/shape.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from '../kind.js';
import { DEFAULT_PROJECT } from '../../resource.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { FRONTEND, inlineMembers } from './frontend.js';
import type { PoolSpec } from './load-balancer-specs.js';
import { backendPlace, type InlineMember, WEIGHT } from './pool-backends.js';
import { POOL, poolMembers } from './pool.js';
import { BALANCE_API, type FrontendSpec, type PoolMemberSpec } from './specs.js';

/**
 * One backend in one pool, as a resource of its own. spec/health "Input", spec/balance "Resources".
 * Its name follows from the pair, so that the same pair twice is the same resource. The family is compared with the
 * first backend that the pool's owner names itself; members among each other are compared where the whole set is at hand.
 */
export const POOL_MEMBER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'PoolMember',
  schema: shape<PoolMemberSpec>(
    { backendRef: NON_BLANK },
    { frontendRef: NON_BLANK, pool: NON_BLANK, poolRef: NON_BLANK, weight: WEIGHT },
  ),
  checkFields(resource) {
    const spec = specOf<PoolMemberSpec>(resource);
    const misplaced = placeErrors(spec);
    if (misplaced.length > 0) return misplaced;
    const name = poolMemberName(spec);
    if (resource.metadata.name === name) return [];
    const pair = spec.poolRef === undefined ? 'the frontend and the backend' : 'the pool and the backend';
    return [{ pointer: '/metadata/name', message: `must be ${name}: ${pair}` }];
  },
  checkReferences(resource, lookup) {
    const spec = specOf<PoolMemberSpec>(resource);
    const owner = ownerOf(spec, lookup);
    return [
      ...checkReference('/spec/frontendRef', FRONTEND, spec.frontendRef, lookup),
      ...checkReference('/spec/poolRef', POOL, spec.poolRef, lookup),
      ...checkReference('/spec/backendRef', BACKEND, spec.backendRef, lookup),
      ...(owner ? fitErrors(spec, owner, lookup) : []),
    ];
  },
};

/**
 * The name that a PoolMember has: `<frontend>/<backend>`, or `pool/<pool>/<backend>`; `~` and `/` inside a name are
 * written `~0` and `~1`, as in a JSON Pointer (RFC 6901), so that two pairs never share a name.
 */
export function poolMemberName({ frontendRef = '', poolRef, backendRef }: PoolMemberSpec): string {
  const path = poolRef === undefined ? [frontendRef, backendRef] : ['pool', poolRef, backendRef];
  return path.map(pointerToken).join('/');
}

function placeErrors({ frontendRef, pool, poolRef }: PoolMemberSpec): readonly FieldError[] {
  if (poolRef !== undefined) {
    const beside = frontendRef !== undefined ? 'frontendRef' : pool !== undefined ? 'pool' : undefined;
    if (beside === undefined) return [];
    return [{ pointer: '/spec/poolRef', message: `is given beside ${beside}: write one of them` }];
  }
  if (frontendRef === undefined)
    return [{ pointer: '/spec/frontendRef', message: 'is required: write frontendRef and pool, or poolRef' }];
  return pool === undefined ? [{ pointer: '/spec/pool', message: 'is required with frontendRef' }] : [];
}

/** What a member joins. */
interface Owner {
  readonly text: string;
  /** Field that refers to it. */
  readonly field: 'frontendRef' | 'poolRef';
  readonly pools: readonly string[];
  readonly inline: readonly InlineMember[];
}

function ownerOf({ frontendRef, poolRef }: PoolMemberSpec, lookup: ResourceLookup): Owner | undefined {
  if (poolRef !== undefined) {
    const pool = lookup(POOL.apiVersion, POOL.kind, poolRef);
    const inline = pool && poolMembers(poolRef, specOf<PoolSpec>(pool));
    return inline && { text: `Pool/${poolRef}`, field: 'poolRef', pools: [poolRef], inline };
  }
  const frontend = lookup(FRONTEND.apiVersion, FRONTEND.kind, frontendRef ?? '');
  if (!frontend) return undefined;
  const spec = specOf<FrontendSpec>(frontend);
  const pools = spec.pools.map(({ name }) => name);
  return { text: `Frontend/${frontendRef}`, field: 'frontendRef', pools, inline: inlineMembers(spec) };
}

function fitErrors(
  { pool, poolRef, backendRef }: PoolMemberSpec,
  { text, field, pools, inline }: Owner,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  const errors: ReferenceFieldError[] = [];
  if (!pools.includes(poolRef ?? pool ?? ''))
    errors.push({ pointer: '/spec/pool', message: `is no pool of ${text}` });
  const same = inline.find(({ backend }) => backend === backendRef);
  if (same) {
    const where = field === 'poolRef' ? text : `pool ${same.pool} of ${text}`;
    errors.push({ pointer: '/spec/backendRef', message: `already stands in ${where}` });
  }
  const own = backendPlace(backendRef, lookup);
  const [first] = inline;
  const other = first && backendPlace(first.backend, lookup);
  if (first && own && !other)
    errors.push({
      pointer: `/spec/${field}`,
      message: `names Backend/${first.backend}, which does not exist`,
      missing: {
        apiVersion: BACKEND.apiVersion,
        kind: BACKEND.kind,
        project: lookup.project ?? DEFAULT_PROJECT,
        name: first.backend,
      },
    });
  if (first && own && other && own.family !== other.family)
    errors.push({
      pointer: '/spec/backendRef',
      message: `is ${own.family}, but Backend/${first.backend} of ${text} is ${other.family}`,
    });
  return errors;
}
