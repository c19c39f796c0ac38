import { parseDuration } from '../../duration.js';
import type { FieldError } from '../../errors.js';
import { oneOf, shape, text, wholeNumber } from '../../schema/shape.js';
import type { Kind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { PROBE_PARAMS, probeParamErrors } from './probe-params.js';
import { BALANCE_API, COUNTER_MODES, type HealthCheckSpec, PROBE_TYPES, type ProbeType } from './specs.js';

/** Bounds of a HealthCheck. */
export const HEALTH_CHECK_LIMITS = {
  timeoutMs: 60_000,
  intervalMs: 24 * 3_600_000,
  leastIntervalMs: 1,
  counterSteps: 1000,
} as const;

const PORTLESS: readonly ProbeType[] = ['icmp', 'push'];
const INTERVALS = ['interval', 'fastInterval', 'downInterval'] as const;
const STEPS = wholeNumber(1, HEALTH_CHECK_LIMITS.counterSteps);

/** How backends are probed. Reference maglev 2.5, 2.8; spec/health "Probes". */
export const HEALTH_CHECK: Kind = {
  apiVersion: BALANCE_API,
  kind: 'HealthCheck',
  schema: shape<HealthCheckSpec>(
    { type: oneOf(PROBE_TYPES) },
    {
      port: wholeNumber(1, 65535),
      interval: text('duration'),
      fastInterval: text('duration'),
      downInterval: text('duration'),
      timeout: text('duration'),
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
      ...timeErrors(spec),
      ...params.map(({ pointer, message }) => ({ pointer: `/spec/params${pointer}`, message })),
    ];
  },
};

function presenceErrors({ type, port, interval, timeout }: HealthCheckSpec): readonly FieldError[] {
  const errors: FieldError[] = [];
  const takesPort = !PORTLESS.includes(type);
  if (takesPort && port === undefined) errors.push(required('port', type));
  if (!takesPort && port !== undefined)
    errors.push({ pointer: '/spec/port', message: `is not for type ${type}` });
  if (type === 'push') return errors;
  if (interval === undefined) errors.push(required('interval', type));
  if (timeout === undefined) errors.push(required('timeout', type));
  return errors;
}

function required(member: keyof HealthCheckSpec, type: ProbeType): FieldError {
  return { pointer: `/spec/${member}`, message: `is required for type ${type}` };
}

function timeErrors(spec: HealthCheckSpec): readonly FieldError[] {
  const { timeoutMs, intervalMs, leastIntervalMs } = HEALTH_CHECK_LIMITS;
  const errors: FieldError[] = [];
  for (const member of INTERVALS) {
    const ms = msOf(spec[member]);
    if (ms !== undefined && (ms < leastIntervalMs || ms > intervalMs))
      errors.push({ pointer: `/spec/${member}`, message: 'must be at least 1ms and at most 24h' });
  }
  if ((msOf(spec.timeout) ?? 0) > timeoutMs)
    errors.push({ pointer: '/spec/timeout', message: 'must be at most 60s' });
  return errors;
}

function msOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}
