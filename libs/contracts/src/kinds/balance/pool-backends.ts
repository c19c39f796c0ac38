import type { FieldError } from '../../errors.js';
import { type AddressFamily, familyOf } from '../../ip-address.js';
import { pointerToken } from '../../json-pointer.js';
import { mapOf, type Schema, shape, wholeNumber } from '../../schema/shape.js';
import type { ResourceLookup } from '../kind.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { endpointText } from './endpoint.js';
import { type BackendSpec, DEFAULT_WEIGHT, type PoolBackends } from './specs.js';

/** Weight of a pool member. Reference maglev 2.7. */
export const WEIGHT = wholeNumber(0, 100);

/**
 * Backends written inside a pool. Without them a pool gets its members from PoolMember resources; an empty list is
 * refused, because it says that the pool has none.
 */
export const POOL_BACKENDS: Schema = mapOf(shape<PoolBackends[string]>({}, { weight: WEIGHT }), {
  minProperties: 1,
});

/** One backend written inside a pool, and where. */
export interface InlineMember {
  readonly pool: string;
  readonly backend: string;
  readonly weight: number;
  readonly pointer: string;
}

/** The backends written inside a pool, of which `pointer` says where it stands. */
export function inlineBackends(
  pool: string,
  backends: PoolBackends | undefined,
  pointer: string,
): InlineMember[] {
  return Object.entries(backends ?? {}).map(([backend, { weight = DEFAULT_WEIGHT }]) => ({
    pool,
    backend,
    weight,
    pointer: `${pointer}/backends/${pointerToken(backend)}`,
  }));
}

/** Where a declared backend serves, as one text, the port if it names one, and the family of its address. */
export function backendPlace(
  name: string,
  lookup: ResourceLookup,
):
  { readonly place: string; readonly port?: number; readonly family: AddressFamily | undefined } | undefined {
  const backend = lookup(BACKEND.apiVersion, BACKEND.kind, name);
  if (!backend) return undefined;
  const spec = specOf<BackendSpec>(backend);
  const { address, port } = spec;
  return { place: endpointText(spec), ...(port !== undefined && { port }), family: familyOf(address) };
}

/**
 * What does not fit among backends that one resource names: the data plane keeps one entry for each address and port,
 * and one family for each VIP. Reference maglev 2.8.
 */
export function addressErrors(
  members: readonly InlineMember[],
  lookup: ResourceLookup,
): readonly FieldError[] {
  const owners = new Map<string, string>();
  let leader: { readonly backend: string; readonly family: AddressFamily | undefined } | undefined;
  return members.flatMap(({ backend, pointer }): readonly FieldError[] => {
    const target = backendPlace(backend, lookup);
    if (!target) return [];
    const owner = owners.get(target.place);
    if (owner !== undefined)
      return [{ pointer, message: `has the address ${target.place} of Backend/${owner}` }];
    owners.set(target.place, backend);
    leader ??= { backend, family: target.family };
    if (target.family === leader.family) return [];
    return [{ pointer, message: `is ${target.family}, but Backend/${leader.backend} is ${leader.family}` }];
  });
}
