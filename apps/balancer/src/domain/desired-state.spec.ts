import { describe, expect, it } from '@jest/globals';
import type { FrontendTarget } from '@signalbox/contracts';
import fc from 'fast-check';
import { desiredTargets } from './desired-state.js';
import { decideFrontend } from './frontend-view.js';
import { aFrontend, aMember, NOON } from './given.fixture.js';
import type { MemberView } from './pool-view.js';

/** Two backends in the first pool, one in the second; address → [weight, flush]. */
function desired(...states: [MemberView['state'], MemberView['state'], MemberView['state']]): unknown {
  const [first, second, third] = states;
  const primary = [aMember('nginx1', { state: first }), aMember('nginx2', { state: second, weight: 50 })];
  const view = aFrontend([primary, [aMember('nginx3', { state: third })]]);
  const targets = desiredTargets(decideFrontend(view, undefined, NOON).targets);
  return Object.fromEntries(targets.map(({ address, weight, flush }) => [address, [weight, flush]]));
}

function aTarget(address: string | undefined, change: Partial<FrontendTarget> = {}): FrontendTarget {
  return {
    pool: 'primary',
    backend: 'nginx1',
    ...(address !== undefined && { address }),
    weight: 100,
    effective: 100,
    flush: false,
    why: { rule: 'active', text: 'because' },
    ...change,
  };
}

/** Reference 11.2, TestDesiredFromFrontendFailover. */
describe('the desired state of a frontend with a fallback', () => {
  it('serves from the first pool when all are up', () => {
    expect(desired('up', 'up', 'up')).toEqual({
      '10.0.0.1': [100, false],
      '10.0.0.2': [50, false],
      '10.0.0.3': [0, false],
    });
  });

  it('stays in a pool that is partly down', () => {
    expect(desired('down', 'up', 'up')).toEqual({
      '10.0.0.1': [0, true],
      '10.0.0.2': [50, false],
      '10.0.0.3': [0, false],
    });
  });

  it('fails over when the first pool is down', () => {
    expect(desired('down', 'down', 'up')).toEqual({
      '10.0.0.1': [0, true],
      '10.0.0.2': [0, true],
      '10.0.0.3': [100, false],
    });
  });

  it('keeps disabled backends in it, with weight 0 and flush', () => {
    expect(desired('disabled', 'disabled', 'up')).toEqual({
      '10.0.0.1': [0, true],
      '10.0.0.2': [0, true],
      '10.0.0.3': [100, false],
    });
  });

  it('has weight 0 everywhere when nothing is up', () => {
    expect(desired('down', 'unknown', 'paused')).toEqual({
      '10.0.0.1': [0, true],
      '10.0.0.2': [0, false],
      '10.0.0.3': [0, false],
    });
  });
});

describe('desiredTargets', () => {
  const order = (...addresses: string[]) =>
    desiredTargets(addresses.map((address) => aTarget(address))).map(({ address }) => address);

  it.each([
    ['nothing', [], []],
    ['one', ['10.0.0.1'], ['10.0.0.1']],
    ['IPv4', ['10.0.0.10', '10.0.0.2'], ['10.0.0.2', '10.0.0.10']],
    ['IPv6', ['2001:db8::10', '2001:db8::2'], ['2001:db8::2', '2001:db8::10']],
    ['both', ['::1', '192.0.2.1', '10.0.0.1'], ['10.0.0.1', '192.0.2.1', '::1']],
  ])('orders %s by number', (_what, given, expected) => {
    expect(order(...given)).toEqual(expected);
  });

  it('has one entry per address: the highest weight, flushed only when all say so', () => {
    const draining = aTarget('10.0.0.1', { effective: 0, flush: true });
    const serving = aTarget('10.0.0.1', { effective: 40 });
    expect(desiredTargets([draining, serving])).toEqual([{ address: '10.0.0.1', weight: 40, flush: false }]);
    expect(desiredTargets([draining, draining])).toEqual([{ address: '10.0.0.1', weight: 0, flush: true }]);
  });

  it('has an entry for each port of an address, in their order', () => {
    const targets = [18003, 18001, 18002].map((port) => aTarget('10.0.0.1', { port }));
    expect(desiredTargets([...targets, aTarget('10.0.0.1')]).map(({ port }) => port)).toEqual([
      undefined,
      18001,
      18002,
      18003,
    ]);
  });

  it('knows one address by two spellings', () => {
    const spellings = [aTarget('2001:db8::1', { effective: 0 }), aTarget('2001:DB8:0::1')];
    expect(desiredTargets(spellings)).toEqual([{ address: '2001:DB8:0::1', weight: 100, flush: false }]);
  });

  it('leaves out what has no address', () => {
    expect(desiredTargets([aTarget(undefined), aTarget('10.0.0.1')])).toHaveLength(1);
  });

  it('R9 is the same in whatever order the targets come', () => {
    const address = fc.constantFrom('10.0.0.2', '10.0.0.10', '::2', '0::2', '2001:db8::1', '2001:DB8::1');
    const place = { address, port: fc.constantFrom(80, 8080) };
    const ruling = { effective: fc.integer({ min: 0, max: 100 }), flush: fc.boolean() };
    const target = fc
      .record({ ...place, ...ruling }, { requiredKeys: ['address', 'effective', 'flush'] })
      .map((change) => aTarget(change.address, change));
    const shuffled = fc
      .array(target, { maxLength: 12 })
      .chain((targets) =>
        fc.tuple(
          fc.constant(targets),
          fc.shuffledSubarray(targets, { minLength: targets.length, maxLength: targets.length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([targets, others]) => {
        expect(desiredTargets(others)).toEqual(desiredTargets(targets));
      }),
    );
  });
});
