import type { FieldError } from '../../errors.js';
import { ALGORITHMS } from '../../node-state/node-state.js';
import { FLAG, listOf, NON_BLANK, oneOf, shape, TEXT, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { pathNameErrors } from '../path-name.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { BACKEND } from './backend.js';
import { hostAddressErrors } from './host-address.js';
import { addressErrors, inlineBackends, type InlineMember, POOL_BACKENDS } from './pool-backends.js';
import { BALANCE_API, type FrontendPool, type FrontendSpec } from './specs.js';
import { TIER_RULES } from './tier-rules.js';

/**
 * A VIP and the pools that serve it. Reference maglev 2.7, 2.8, spec/balance "Rules".
 */
export const FRONTEND: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Frontend',
  schema: shape<FrontendSpec>(
    {
      address: text('ip'),
      pools: listOf(shape<FrontendPool>({ name: NON_BLANK }, { backends: POOL_BACKENDS }), { minItems: 1 }),
    },
    {
      description: TEXT,
      nodeGroup: text('resource-ref'),
      protocol: oneOf(['tcp', 'udp']),
      port: wholeNumber(0, 65535),
      algorithm: oneOf(ALGORITHMS),
      srcIpSticky: FLAG,
      ...TIER_RULES,
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

/** The backends written inside a frontend, pool by pool. */
export function inlineMembers({ pools }: FrontendSpec): InlineMember[] {
  return pools.flatMap(({ name, backends }, at) => inlineBackends(name, backends, `/spec/pools/${at}`));
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
