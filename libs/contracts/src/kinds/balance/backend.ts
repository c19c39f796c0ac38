import { FLAG, listOf, NON_BLANK, shape, text } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { HEALTH_CHECK } from './health-check.js';
import { hostAddressErrors } from './host-address.js';
import { type BackendSpec, BALANCE_API } from './specs.js';

/** A health-checked address. Reference maglev 2.6, 2.8. */
export const BACKEND: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Backend',
  schema: shape<BackendSpec>(
    { address: text('ip') },
    { healthcheck: NON_BLANK, enabled: FLAG, dependsOn: listOf(NON_BLANK) },
  ),
  checkFields(resource) {
    const spec = specOf<BackendSpec>(resource);
    const own = spec.dependsOn?.indexOf(resource.metadata.name) ?? -1;
    return [
      ...hostAddressErrors(spec, 'address'),
      ...(own < 0 ? [] : [{ pointer: `/spec/dependsOn/${own}`, message: 'is the backend itself' }]),
    ];
  },
  checkReferences(resource, lookup) {
    const { healthcheck, dependsOn = [] } = specOf<BackendSpec>(resource);
    return [
      ...checkReference('/spec/healthcheck', HEALTH_CHECK, healthcheck, lookup),
      ...dependsOn.flatMap((name, at) => checkReference(`/spec/dependsOn/${at}`, BACKEND, name, lookup)),
    ];
  },
};
