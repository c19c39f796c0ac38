import { describe, expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import { applied, desired, given, refused } from '../given-node.fixture.js';
import { at, vip } from './given-vips.fixture.js';
import { byName, servingAsApplied, servingAsWanted, whyNotReady } from './readiness.js';

const A = '192.0.2.10';

function why(one: ReturnType<typeof vip>, ...listeners: readonly NodeListener[]): string | undefined {
  return whyNotReady(one, {}, byName(servingAsWanted({ listeners })));
}

describe('whyNotReady', () => {
  it('is ready with one listener of it that has a target with a weight', () => {
    expect(why(vip(A), at(A))).toBeUndefined();
    expect(why(vip(A, ['dns', 'web']), at(A, 'dns', 0), at(A))).toBeUndefined();
  });

  it('is not while none of its listeners stands at it', () => {
    expect(why(vip(A))).toBe('no listener of it stands: web');
    expect(why(vip(A), at(A, 'other'))).toBe('no listener of it stands: web');
    expect(why(vip(A), at('192.0.2.11'))).toBe('no listener of it stands: web');
  });

  it('is not without a target that can be used, unless the announcement does without', () => {
    expect(why(vip(A), at(A, 'web', 0))).toBe('no target of it can be used');
    expect(why(vip(A, ['web'], { withdrawWithoutTargets: false }), at(A, 'web', 0))).toBeUndefined();
  });

  it('counts the targets of policy pools', () => {
    const targets = [{ address: '127.0.0.1', port: 1, weight: 1, flushes: 0 }];
    const policyPools = [{ name: 'static', algorithm: 'round-robin', targets }] as const;
    expect(why(vip(A), { ...at(A, 'web', 0), policyPools })).toBeUndefined();
  });

  it('is not when an operator drained the node, or it serves only some of the VIP', () => {
    const serving = byName(servingAsWanted({ listeners: [at(A)] }));
    expect(whyNotReady(vip(A), { drained: true }, serving)).toBe('the node is drained');
    expect(whyNotReady(vip(A, ['web'], { barred: 'dns is elsewhere' }), {}, serving)).toBe(
      'dns is elsewhere',
    );
  });
});

describe('servingAsApplied', () => {
  it('has what was applied, and of what was refused that which goes on', () => {
    const { state } = desired(2, given('dns', [1, 100]), given('mail', [1, 0]), given('web', [1, 100]));
    const results = [refused('dns'), ...applied('mail'), refused('web')];
    const goesOn = { ...given('web', [1, 0]), listensAt: { address: A, port: 80 } };
    expect(servingAsApplied(state, results, [goesOn])).toEqual([
      { name: 'mail', address: A, hasTarget: false },
      { name: 'web', address: A, hasTarget: false },
    ]);
  });

  it('has no target where the node can reach none', () => {
    const { state } = desired(2, given('web', [1, 100]));
    const cutOff = applied('web').map((one) => ({ ...one, reachesNobody: true as const }));
    expect(servingAsApplied(state, cutOff, [])).toEqual([{ name: 'web', address: A, hasTarget: false }]);
  });
});
