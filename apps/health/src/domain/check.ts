import {
  canonicalJson,
  type DnsRecordType,
  HEALTH_CHECK_DEFAULTS,
  type HealthCheckSpec,
  parseDuration,
  type ProbeParams,
  type ProbeType,
} from '@signalbox/contracts';
import type { CounterRules } from './counter.js';

/** A HealthCheck with its defaults filled in. Times in milliseconds. */
export interface Check {
  readonly name: string;
  readonly type: ProbeType;
  readonly port?: number;
  readonly intervalMs: number;
  readonly fastIntervalMs: number;
  readonly downIntervalMs: number;
  readonly timeoutMs: number;
  readonly counter: CounterRules;
  readonly ipv4Source?: string;
  readonly ipv6Source?: string;
  /** Namespace of these probes; absent = ours. */
  readonly netns?: string;
  readonly params: ProbeParams & { readonly recordType?: DnsRecordType };
  /** push: how long a heartbeat counts. */
  readonly ttlMs?: number;
  /** Equal for equal checks. */
  readonly digest: string;
  /** Equal for checks that ask the same, however often and with however much patience. */
  readonly question: string;
}

/** Counter of a backend without a check. */
export const STATIC_COUNTER: CounterRules = { rise: 1, fall: 1, mode: HEALTH_CHECK_DEFAULTS.counter };

/**
 * Reads a valid HealthCheck; `defaultNetns` is that of the HealthChecker. A `push` check needs one heartbeat to be up and one missed to be down unless it says
 * otherwise: its ttl is the patience.
 */
export function readCheck(name: string, spec: HealthCheckSpec, defaultNetns?: string): Check {
  const { type, port, interval, fastInterval, downInterval, timeout, params = {} } = spec;
  const netns = spec.netns ?? defaultNetns;
  const isPush = type === 'push';
  const ttlMs = params.ttl === undefined ? undefined : parseDuration(params.ttl);
  const intervalMs = interval === undefined ? (ttlMs ?? 0) : parseDuration(interval);
  return {
    name,
    type,
    intervalMs,
    fastIntervalMs: fastInterval === undefined ? intervalMs : parseDuration(fastInterval),
    downIntervalMs: downInterval === undefined ? intervalMs : parseDuration(downInterval),
    timeoutMs: timeout === undefined ? intervalMs : parseDuration(timeout),
    counter: {
      rise: spec.rise ?? (isPush ? 1 : HEALTH_CHECK_DEFAULTS.rise),
      fall: spec.fall ?? (isPush ? 1 : HEALTH_CHECK_DEFAULTS.fall),
      mode: spec.counter ?? HEALTH_CHECK_DEFAULTS.counter,
    },
    params,
    digest: canonicalJson({ ...spec, netns }),
    question: canonicalJson([
      type,
      port ?? null,
      params,
      netns ?? null,
      spec.probeIpv4Src ?? null,
      spec.probeIpv6Src ?? null,
    ]),
    ...(port !== undefined && { port }),
    ...(spec.probeIpv4Src !== undefined && { ipv4Source: spec.probeIpv4Src }),
    ...(spec.probeIpv6Src !== undefined && { ipv6Source: spec.probeIpv6Src }),
    ...(netns !== undefined && { netns }),
    ...(ttlMs !== undefined && { ttlMs }),
  };
}
