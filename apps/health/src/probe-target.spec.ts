import { expect, it } from '@jest/globals';
import type { HealthCheckSpec } from '@signalbox/contracts';
import { readCheck } from './domain/check.js';
import { probeTarget } from './probe-target.js';

const TIMES = { interval: '1s', timeout: '1s' } as const;

function portOf(spec: HealthCheckSpec, own?: number): number | undefined {
  const endpoint = { address: '192.0.2.1', ...(own !== undefined && { port: own }) };
  return probeTarget(endpoint, readCheck('check', spec))?.port;
}

it('a probe goes to the port of its check, or else to that of the backend', () => {
  expect(portOf({ type: 'tcp', port: 80, ...TIMES }, 18001)).toBe(80);
  expect(portOf({ type: 'tcp', ...TIMES }, 18001)).toBe(18001);
  expect(portOf({ type: 'tcp', port: 80, ...TIMES })).toBe(80);
});

it('icmp has no port, whatever the backend has', () => {
  expect(portOf({ type: 'icmp', ...TIMES }, 18001)).toBeUndefined();
});

it('nothing is sent where the backend sends heartbeats', () => {
  const push = readCheck('check', { type: 'push', params: { ttl: '10s' } });
  expect(probeTarget({ address: '192.0.2.1', port: 80 }, push)).toBeUndefined();
});
