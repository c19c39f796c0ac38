import { familyOf } from '../../ip-address.js';
import { DEFAULT_PROJECT } from '../../resource.js';
import { oneOf, shape, TEXT, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { hostAddressErrors } from './host-address.js';
import { BALANCE_API } from './specs.js';
import { VIP_POOL } from './vip-pool.js';
import type { VipClaimSpec } from './vip-specs.js';

/** Asks for one VIP. It gets the address that it names, or a free one of a VipPool that serves its project. ADR 0025. */
export const VIP_CLAIM: Kind = {
  apiVersion: BALANCE_API,
  kind: 'VipClaim',
  schema: shape<VipClaimSpec>(
    {},
    {
      description: TEXT,
      pool: text('resource-ref'),
      family: oneOf(['ipv4', 'ipv6']),
      address: text('ip'),
      sharingKey: text('resource-ref'),
    },
  ),
  checkFields(resource) {
    const spec = specOf<VipClaimSpec>(resource);
    const { address, family } = spec;
    const wrong = hostAddressErrors(spec, 'address');
    if (wrong.length > 0 || address === undefined || family === undefined || familyOf(address) === family)
      return wrong;
    return [{ pointer: '/spec/family', message: `is not the family of ${address}: leave it out` }];
  },
  checkReferences(resource, lookup) {
    const { pool } = specOf<VipClaimSpec>(resource);
    return checkReference('/spec/pool', VIP_POOL, pool, lookup).map((error) => ({
      ...error,
      message: noPoolText(pool, lookup.project),
    }));
  },
};

/** One text for a pool that is not there and for one that serves other projects: a tenant does not learn which. */
export function noPoolText(pool = '', project = DEFAULT_PROJECT): string {
  return `there is no VipPool/${pool} that serves project ${project}: declare it, let it serve the project, or correct the name`;
}
