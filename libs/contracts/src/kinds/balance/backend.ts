import { FLAG, listOf, NON_BLANK, shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind, ReferenceFieldError, ResourceLookup } from '../kind.js';
import { checkReference } from '../reference.js';
import { specOf } from '../spec-of.js';
import { HEALTH_CHECK, takesPort } from './health-check.js';
import { hostAddressErrors } from './host-address.js';
import { type BackendSpec, BALANCE_API, type HealthCheckSpec } from './specs.js';

/** A health-checked address and port. Reference maglev 2.6, 2.8. */
export const BACKEND: Kind = {
  apiVersion: BALANCE_API,
  kind: 'Backend',
  schema: shape<BackendSpec>(
    { address: text('ip') },
    { port: wholeNumber(1, 65535), healthcheck: NON_BLANK, enabled: FLAG, dependsOn: listOf(NON_BLANK) },
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
      ...portErrors(specOf<BackendSpec>(resource), lookup),
      ...dependsOn.flatMap((name, at) => checkReference(`/spec/dependsOn/${at}`, BACKEND, name, lookup)),
    ];
  },
};

/** A probe goes to the port of its check, or else to that of the backend. spec/balance "Resources". */
function portErrors(
  { healthcheck, port }: BackendSpec,
  lookup: ResourceLookup,
): readonly ReferenceFieldError[] {
  const check =
    healthcheck === undefined ? undefined : lookup(HEALTH_CHECK.apiVersion, HEALTH_CHECK.kind, healthcheck);
  if (!check || port !== undefined) return [];
  const spec = specOf<HealthCheckSpec>(check);
  if (spec.port !== undefined || !takesPort(spec.type)) return [];
  const message = `HealthCheck/${healthcheck} of type ${spec.type} names no port, and this backend has none`;
  return [{ pointer: '/spec/healthcheck', message }];
}
