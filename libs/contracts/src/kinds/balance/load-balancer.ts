import type { FieldError } from '../../errors.js';
import { FLAG, shape, TEXT, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { hostAddressErrors } from './host-address.js';
import type { LoadBalancerSpec } from './load-balancer-specs.js';
import { BALANCE_API } from './specs.js';
import { VIP_CLAIM } from './vip-claim.js';

/** A VIP: an address, or the claim that gets it one. spec/balance "Resources". */
export const LOAD_BALANCER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'LoadBalancer',
  schema: shape<LoadBalancerSpec>(
    {},
    {
      description: TEXT,
      address: text('ip'),
      vipClaim: text('resource-ref'),
      enabled: FLAG,
      nodeGroup: text('resource-ref'),
    },
  ),
  checkFields(resource) {
    const spec = specOf<LoadBalancerSpec>(resource);
    return [...hostAddressErrors(spec, 'address'), ...eitherErrors(spec)];
  },
  checkReferences(resource, lookup) {
    const { vipClaim } = specOf<LoadBalancerSpec>(resource);
    return checkReference('/spec/vipClaim', VIP_CLAIM, vipClaim, lookup);
  },
};

function eitherErrors({ address, vipClaim }: LoadBalancerSpec): readonly FieldError[] {
  if (address !== undefined && vipClaim !== undefined)
    return [{ pointer: '/spec/vipClaim', message: 'stands beside an address: name one of the two' }];
  if (address !== undefined || vipClaim !== undefined) return [];
  return [
    {
      pointer: '/spec/address',
      message: 'is required, unless vipClaim names a VipClaim that gets an address',
    },
  ];
}
