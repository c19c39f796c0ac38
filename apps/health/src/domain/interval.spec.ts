import { describe, expect, it } from '@jest/globals';
import type { BackendState, HealthCheckSpec } from '@signalbox/contracts';
import fc from 'fast-check';
import { readCheck } from './check.js';
import { probeInterval, withJitter } from './interval.js';

const SPEC: HealthCheckSpec = {
  type: 'tcp',
  port: 80,
  interval: '5s',
  fastInterval: '1s',
  downInterval: '30s',
  timeout: '2s',
  rise: 2,
  fall: 3,
};

describe('the interval (reference 3.8)', () => {
  it.each<[BackendState, number, boolean, number]>([
    ['up', 4, true, 5000],
    ['up', 3, true, 1000],
    ['up', 2, true, 1000],
    ['up', 4, false, 1000],
    ['unknown', 1, true, 1000],
    ['down', 1, true, 1000],
    ['down', 0, true, 30_000],
    ['down', 0, false, 1000],
  ])('%s with counter %i, verified %s: %i ms', (state, counter, verified, expected) => {
    expect(probeInterval({ state, counter, verified }, readCheck('h', SPEC))).toBe(expected);
  });

  it('falls back to the plain one', () => {
    const { fastInterval: _fast, downInterval: _down, ...plain } = SPEC;
    const check = readCheck('h', plain);
    for (const [state, counter] of [
      ['up', 4],
      ['down', 0],
      ['unknown', 1],
    ] as const)
      expect(probeInterval({ state, counter, verified: true }, check)).toBe(5000);
  });

  it('is moved by at most 10 percent either way', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), random, (ms, value) => {
        expect(withJitter(ms, value)).toBeGreaterThanOrEqual(0.9 * ms - 1e-6);
        expect(withJitter(ms, value)).toBeLessThanOrEqual(1.1 * ms + 1e-6);
      }),
    );
    expect(withJitter(1000, 0.5)).toBe(1000);
  });
});

describe('a check with its defaults', () => {
  it('fills in rise, fall and counter', () => {
    const check = readCheck('h', { type: 'tcp', port: 80, interval: '1s', timeout: '500ms' });
    expect(check.counter).toEqual({ rise: 2, fall: 3, mode: 'haproxy' });
    expect(check).toMatchObject({
      intervalMs: 1000,
      fastIntervalMs: 1000,
      downIntervalMs: 1000,
      timeoutMs: 500,
    });
  });

  it('push: one heartbeat is up, one missed ttl is down', () => {
    const check = readCheck('h', { type: 'push', params: { ttl: '30s' } });
    expect(check).toMatchObject({ ttlMs: 30_000, intervalMs: 30_000, counter: { rise: 1, fall: 1 } });
  });

  it('asks the same question whatever its intervals and counters are', () => {
    const { question } = readCheck('h', SPEC);
    expect(readCheck('other', { ...SPEC, interval: '9s', timeout: '1s', rise: 5, fall: 5 }).question).toBe(
      question,
    );
    for (const change of [
      { port: 81 },
      { type: 'http' },
      { netns: 'n' },
      { params: { ssl: true } },
      { probeIpv4Src: '10.0.0.1' },
    ])
      expect(readCheck('h', { ...SPEC, ...(change as Partial<HealthCheckSpec>) }).question).not.toBe(
        question,
      );
  });

  it('takes the namespace of the service unless it names its own, and is another check then', () => {
    expect(readCheck('h', SPEC, 'probes').netns).toBe('probes');
    expect(readCheck('h', { ...SPEC, netns: 'own' }, 'probes').netns).toBe('own');
    expect(readCheck('h', SPEC, 'probes').digest).not.toBe(readCheck('h', SPEC).digest);
    expect(readCheck('h', { ...SPEC }).digest).toBe(readCheck('h', SPEC).digest);
  });
});
