import { isIPv6 } from 'node:net';
import type { Check } from './domain/check.js';
import type { ProbeTarget } from './probes/probe.js';

/** What the probes of a backend are sent to. Undefined for a `push` check, which sends none. */
export function probeTarget(address: string, check: Check): ProbeTarget | undefined {
  const { type, port, timeoutMs, params } = check;
  if (type === 'push') return undefined;
  const source = isIPv6(address) ? check.ipv6Source : check.ipv4Source;
  return {
    type,
    address,
    timeoutMs,
    params,
    ...(port !== undefined && { port }),
    ...(source !== undefined && { source }),
  };
}
