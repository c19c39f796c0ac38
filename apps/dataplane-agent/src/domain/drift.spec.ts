import { describe, expect, it } from '@jest/globals';
import type { ObservedListener } from '../drivers/driver.js';
import { driftOf } from './drift.js';
import { applied, desired, given, refused } from './given-node.fixture.js';

const web = given('web', [1, 100], [2, 50]);
const { state } = desired(1, web);
const asApplied: ObservedListener = { ...web, listensAt: { address: '127.0.0.1', port: 4000 } };
const [one, two] = asApplied.targets as [(typeof asApplied.targets)[0], (typeof asApplied.targets)[0]];

describe('driftOf', () => {
  it('looks at the policy pools too', () => {
    const [api, other] = ['api', 'other'].map((name) => ({ ...given(name, [1, 100]), name }));
    const withPools = desired(1, { ...web, policyPools: [api!, other!] }).state;
    const whole = { ...asApplied, policyPools: [other!, api!] };
    expect(driftOf(withPools, applied('web'), [whole])).toEqual([]);
    for (const policyPools of [[api!], [api!, { ...other!, targets: [] }], [api!, { ...other!, name: 'x' }]])
      expect(driftOf(withPools, applied('web'), [{ ...whole, policyPools }])).toEqual(['web']);
    expect(driftOf(state, applied('web'), [whole])).toEqual(['web']);
  });

  it('is nothing when everything is read back as it was applied, in any order of targets', () => {
    expect(driftOf(state, applied('web'), [asApplied])).toEqual([]);
    expect(driftOf(state, applied('web'), [{ ...asApplied, targets: [two, one] }])).toEqual([]);
  });

  it.each<[string, ObservedListener[]]>([
    ['a listener that is gone', []],
    ['another weight', [{ ...asApplied, targets: [one, { ...two, weight: 51 }] }]],
    ['a target that is gone', [{ ...asApplied, targets: [one] }]],
    ['a target too many', [{ ...asApplied, targets: [one, two, { ...two, port: 3 }] }]],
    ['another place', [{ ...asApplied, listensAt: { address: '127.0.0.1', port: 4001 } }]],
    ['another algorithm', [{ ...asApplied, algorithm: 'random' }]],
  ])('is %s', (_what, observed) => {
    expect(driftOf(state, applied('web'), observed)).toEqual(['web']);
  });

  it('is a listener that nobody asked for', () => {
    expect(driftOf(state, applied('web'), [asApplied, { ...asApplied, name: 'foreign' }])).toEqual([
      'foreign',
    ]);
  });

  it('expects nothing of a listener that was refused', () => {
    expect(driftOf(state, [refused('web')], [])).toEqual([]);
    expect(driftOf(state, [refused('web')], [{ ...asApplied, targets: [] }])).toEqual([]);
  });
});
