import { FLAG, shape, TEXT, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { hostAddressErrors } from './host-address.js';
import type { LoadBalancerSpec } from './load-balancer-specs.js';
import { BALANCE_API } from './specs.js';

/** A VIP. spec/balance "Resources". */
export const LOAD_BALANCER: Kind = {
  apiVersion: BALANCE_API,
  kind: 'LoadBalancer',
  schema: shape<LoadBalancerSpec>({ address: text('ip') }, { description: TEXT, enabled: FLAG }),
  checkFields(resource) {
    return hostAddressErrors(specOf<LoadBalancerSpec>(resource), 'address');
  },
};
