import type { FieldError } from '../../errors.js';
import { pointerToken } from '../../json-pointer.js';
import { type AddressFamily, familyOf } from '../../ip-address.js';
import { FLAG, listOf, mapOf, NON_BLANK, oneOf, shape, TEXT, text, wholeNumber } from '../../schema/shape.js';
import type { Kind, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { endpointText } from './endpoint.js';
import { pathNameErrors } from '../path-name.js';
import { hostAddressErrors } from './host-address.js';
import {
  ALL_DOWN_MODES,
  type BackendSpec,
  BALANCE_API,
  DEFAULT_WEIGHT,
  type FrontendPool,
  type FrontendSpec,
  POOL_ACTIVATIONS,
} from './specs.js';

/** Most backends of a pool that a frontend may wait for. */
export const MAX_MIN_UP = 10_000;

/** Weight of a pool member. Reference maglev 2.7. */
export const WEIGHT = wholeNumber(0, 100);

type Member = NonNullable<FrontendPool['backends']>[string];

/**
 * A VIP and the pools that serve it. Reference maglev 2.7, 2.8, spec/balance "Rules".
 * A pool without `backends` gets its members from PoolMember resources; an empty `backends` is refused, because it
 * says that the pool has none.
 */
export const FRONTEND: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Frontend',
  schema: shape<FrontendSpec>(
    {
      address: text('ip'),
      pools: listOf(
        shape<FrontendPool>(
          { name: NON_BLANK },
          { backends: mapOf(shape<Member>({}, { weight: WEIGHT }), { minProperties: 1 }) },
        ),
        { minItems: 1 },
      ),
    },
    {
      description: TEXT,
      protocol: oneOf(['tcp', 'udp']),
      port: wholeNumber(0, 65535),
      srcIpSticky: FLAG,
      flushOnDown: FLAG,
      failbackDelay: text('duration-or-zero'),
      minUp: wholeNumber(1, MAX_MIN_UP),
      poolActivation: oneOf(POOL_ACTIVATIONS),
      slowStart: text('duration-or-zero'),
      allDown: oneOf(ALL_DOWN_MODES),
    },
  ),
  checkFields(resource) {
    const spec = specOf<FrontendSpec>(resource);
    return [
      ...hostAddressErrors(spec, 'address'),
      ...portErrors(spec),
      ...spec.pools.flatMap(({ name }, at) => pathNameErrors(`/spec/pools/${at}/name`, name)),
      ...repeatedPools(spec),
      ...repeatedBackends(spec),
    ];
  },
  checkReferences(resource, lookup) {
    const members = inlineMembers(specOf<FrontendSpec>(resource));
    return [
      ...members.flatMap(({ pointer, backend }) => checkReference(pointer, BACKEND, backend, lookup)),
      ...addressErrors(members, lookup),
    ];
  },
};

/** One backend written inside a frontend, and where. */
export interface InlineMember {
  readonly pool: string;
  readonly backend: string;
  readonly weight: number;
  readonly pointer: string;
}

/** The backends written inside a frontend, pool by pool. */
export function inlineMembers({ pools }: FrontendSpec): InlineMember[] {
  return pools.flatMap(({ name, backends = {} }, at) =>
    Object.entries(backends).map(([backend, { weight = DEFAULT_WEIGHT }]) => ({
      pool: name,
      backend,
      weight,
      pointer: `/spec/pools/${at}/backends/${pointerToken(backend)}`,
    })),
  );
}

/** Where a declared backend serves, as one text, and the family of its address. */
export function backendPlace(
  name: string,
  lookup: ResourceLookup,
): { readonly place: string; readonly family: AddressFamily | undefined } | undefined {
  const backend = lookup(BACKEND.apiVersion, BACKEND.kind, name);
  if (!backend) return undefined;
  const spec = specOf<BackendSpec>(backend);
  return { place: endpointText(spec), family: familyOf(spec.address) };
}

/** VPP reads port 0 as "any protocol"; a port of no protocol means nothing. Reference maglev 2.8. */
function portErrors({ protocol, port = 0 }: FrontendSpec): readonly FieldError[] {
  if (port !== 0 && protocol === undefined)
    return [{ pointer: '/spec/protocol', message: 'is required with a port: write tcp or udp' }];
  if (port === 0 && protocol !== undefined)
    return [{ pointer: '/spec/port', message: `is required with protocol ${protocol}` }];
  return [];
}

function repeatedPools({ pools }: FrontendSpec): readonly FieldError[] {
  const names = pools.map(({ name }) => name);
  return names.flatMap((name, at) => {
    const first = names.indexOf(name);
    return first === at
      ? []
      : [{ pointer: `/spec/pools/${at}/name`, message: `is already the name of pool ${first}` }];
  });
}

function repeatedBackends(spec: FrontendSpec): readonly FieldError[] {
  const pools = new Map<string, string>();
  return inlineMembers(spec).flatMap(({ pool, backend, pointer }) => {
    const first = pools.get(backend);
    if (first !== undefined) return [{ pointer, message: `already stands in pool ${first}` }];
    pools.set(backend, pool);
    return [];
  });
}

/** The data plane keeps one entry for each address and port, and one family for each VIP. Reference maglev 2.8. */
function addressErrors(members: readonly InlineMember[], lookup: ResourceLookup): readonly FieldError[] {
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
