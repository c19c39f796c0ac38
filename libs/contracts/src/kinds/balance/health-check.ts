import type { FieldError } from '../../errors.js';
import { oneOf, shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { hostAddressErrors } from './host-address.js';
import { PROBE_PARAMS, probeParamErrors } from './probe-params.js';
import { BALANCE_API, COUNTER_MODES, type HealthCheckSpec, PROBE_TYPES, type ProbeType } from './specs.js';

/** Most results in a row that a change of state can take. */
const MAX_COUNTER_STEPS = 1000;

const PORTLESS: readonly ProbeType[] = ['icmp', 'push'];

/** Whether probes of a type are sent to a port. */
export function takesPort(type: ProbeType): boolean {
  return !PORTLESS.includes(type);
}

const STEPS = wholeNumber(1, MAX_COUNTER_STEPS);

/** How backends are probed. Reference maglev 2.5, 2.8; spec/health "Probes". */
export const HEALTH_CHECK: Kind = {
  apiVersion: BALANCE_API,
  kind: 'HealthCheck',
  schema: shape<HealthCheckSpec>(
    { type: oneOf(PROBE_TYPES) },
    {
      port: wholeNumber(1, 65535),
      interval: text('probe-interval'),
      fastInterval: text('probe-interval'),
      downInterval: text('probe-interval'),
      timeout: text('probe-timeout'),
      rise: STEPS,
      fall: STEPS,
      counter: oneOf(COUNTER_MODES),
      probeIpv4Src: text('ipv4'),
      probeIpv6Src: text('ipv6'),
      netns: text('netns-name'),
      params: PROBE_PARAMS,
    },
  ),
  checkFields(resource) {
    const spec = specOf<HealthCheckSpec>(resource);
    const params = probeParamErrors(spec.type, spec.params ?? {});
    return [
      ...presenceErrors(spec),
      ...hostAddressErrors(spec, 'probeIpv4Src', 'probeIpv6Src'),
      ...params.map(({ pointer, message }) => ({ pointer: `/spec/params${pointer}`, message })),
    ];
  },
};

function presenceErrors({ type, port, interval, timeout }: HealthCheckSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (!takesPort(type) && port !== undefined)
    errors.push({ pointer: '/spec/port', message: `is not for type ${type}` });
  if (type === 'push') return errors;
  if (interval === undefined) errors.push(required('interval', type));
  if (timeout === undefined) errors.push(required('timeout', type));
  return errors;
}

function required(member: keyof HealthCheckSpec, type: ProbeType): FieldError {
  return { pointer: `/spec/${member}`, message: `is required for type ${type}` };
}
