import { isIPv6 } from 'node:net';
import { type Endpoint, takesPort } from '@signalbox/contracts';
import type { Check } from './domain/check.js';
import type { ProbeTarget } from './probes/probe.js';

/**
 * What the probes of a backend are sent to: the port of the check, or else its own. Undefined for a `push` check, which sends
 * none.
 */
export function probeTarget({ address, port: own }: Endpoint, check: Check): ProbeTarget | undefined {
  const { type, timeoutMs, params, port = takesPort(check.type) ? own : undefined } = check;
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
