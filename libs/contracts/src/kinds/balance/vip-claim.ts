import { familyOf } from '../../ip-address.js';
import { oneOf, shape, TEXT, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { hostAddressErrors } from './host-address.js';
import { BALANCE_API } from './specs.js';
import { VIP_POOL } from './vip-pool.js';
import type { VipClaimSpec } from './vip-specs.js';

/** Asks for one VIP. Which pools there are, and what they allow, says {@link VIPS_FIT}. ADR 0025. */
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
    return checkReference('/spec/pool', VIP_POOL, specOf<VipClaimSpec>(resource).pool, lookup);
  },
};
