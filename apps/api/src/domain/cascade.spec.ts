import { describe, expect, it } from '@jest/globals';
import { CodedError, refOf, type Resource, type ResourceRef, refText } from '@signalbox/contracts';
import {
  aBackend,
  aListener,
  aLoadBalancer,
  aMember,
  aPool,
  balanceResource,
  standingOf,
} from '../testing/balance-resources.fixture.js';
import { cascadeOf, withCascade } from './cascade.js';
import { checkPlan } from './check-plan.js';
import { planRemoval, type Standing } from './plan-changeset.js';

const [LB, OTHER] = [aLoadBalancer('lb'), aLoadBalancer('other', '192.0.2.2')];
const [N1, N2] = [aBackend('n1', '10.0.0.1'), aBackend('n2', '10.0.0.2')];
const FRONTEND = balanceResource('Frontend', 'front', { address: '192.0.2.3', pools: [{ name: 'p' }] });
const OF_FRONTEND = balanceResource('PoolMember', 'front/n1', {
  frontendRef: 'front',
  pool: 'p',
  backendRef: 'n1',
});
const WORLD: Standing = standingOf(
  ...[LB, OTHER, N1, N2, FRONTEND, OF_FRONTEND],
  ...[aListener('web', 'lb', 80, 'own', 'shared'), aListener('tls', 'lb', 443, 'own')],
  aListener('far', 'other', 80, 'shared'),
  ...[aPool('own', { backends: { n2: {} } }), aPool('shared'), aPool('idle')],
  ...[aMember('own', 'n1'), aMember('shared', 'n2'), aMember('idle', 'n1')],
);

const going = (refs: readonly ResourceRef[]): string[] => refs.map(refText).sort();
const cascade = (resource: Resource): string[] => going(cascadeOf(WORLD, refOf(resource)));

describe('a cascade', () => {
  it('of a LoadBalancer takes its Listeners, the Pools that no other names, and their PoolMembers', () => {
    expect(cascade(LB)).toEqual([
      'Listener/tls',
      'Listener/web',
      'LoadBalancer/lb',
      'Pool/own',
      'PoolMember/pool/own/n1',
    ]);
  });

  it('of a Listener leaves the Pools of its neighbours', () => {
    expect(cascade(aListener('web', 'lb', 80))).toEqual(['Listener/web']);
    expect(cascade(aListener('far', 'other', 80))).toEqual(['Listener/far']);
  });

  it('of a Listener takes its policies, and of a policy its rules', () => {
    const policy = (name: string, listener: string): Resource =>
      balanceResource('L7Policy', name, { listener, action: 'reject', position: 1 });
    const rule = (name: string, its: string): Resource =>
      balanceResource('L7Rule', name, { policy: its, type: 'path', compare: 'equal-to', value: '/' });
    const own = [policy('p', 'far'), rule('r1', 'p'), rule('r2', 'p')];
    const others = [policy('q', 'web'), rule('r3', 'q')];
    const world = new Map([...WORLD, ...standingOf(...own, ...others)]);
    const all = ['L7Policy/p', 'L7Rule/r1', 'L7Rule/r2'];
    expect(going(cascadeOf(world, refOf(own[0]!)))).toEqual(all);
    expect(going(cascadeOf(world, refOf(aListener('far', 'other', 80))))).toEqual([...all, 'Listener/far']);
    expect(going(cascadeOf(world, refOf(OTHER)))).toEqual([...all, 'Listener/far', 'LoadBalancer/other']);
  });

  it('of policies takes the Pools that nobody else sends anything to', () => {
    const policy = (name: string, redirectPool: string): Resource =>
      balanceResource('L7Policy', name, {
        ...{ listener: name.startsWith('f') ? 'far' : 'web', position: 1 },
        ...{ action: 'redirect-to-pool', redirectPool },
      });
    const [first, second, third] = [policy('f1', 'only'), policy('f2', 'both'), policy('w', 'both')];
    const pools = [aPool('only'), aPool('both'), aMember('only', 'n1')];
    const world = new Map([...WORLD, ...standingOf(...pools, first, second, third)]);
    const own = ['L7Policy/f1', 'Pool/only', 'PoolMember/pool/only/n1'];
    expect(going(cascadeOf(world, refOf(first)))).toEqual(own);
    expect(going(cascadeOf(world, refOf(second)))).toEqual(['L7Policy/f2']);
    const far = aListener('far', 'other', 80);
    expect(going(cascadeOf(world, refOf(far)))).toEqual(
      ['L7Policy/f1', 'L7Policy/f2', 'Listener/far', 'Pool/only', 'PoolMember/pool/only/n1'].sort(),
    );
    // a pool that goes with its listener stays when a policy of another one sends requests to it
    const shared = balanceResource('L7Policy', 'q', {
      ...{ listener: 'far', position: 1, action: 'redirect-to-pool', redirectPool: 'own' },
    });
    const other = new Map([...WORLD, ...standingOf(shared)]);
    expect(going(cascadeOf(other, refOf(LB)))).toEqual(['Listener/tls', 'Listener/web', 'LoadBalancer/lb']);
  });

  it('of a Pool or a Frontend takes its PoolMembers', () => {
    expect(cascade(aPool('idle'))).toEqual(['Pool/idle', 'PoolMember/pool/idle/n1']);
    expect(cascade(FRONTEND)).toEqual(['Frontend/front', 'PoolMember/front/n1']);
  });

  it('of anything else is that alone, and stays in its project', () => {
    expect(cascade(N1)).toEqual(['Backend/n1']);
    const inLab = (resource: Resource): Resource => ({
      ...resource,
      metadata: { ...resource.metadata, project: 'lab' },
    });
    const both = new Map([...WORLD, ...standingOf(inLab(LB), inLab(aListener('web', 'lb', 80, 'own')))]);
    expect(going(cascadeOf(both, refOf(inLab(LB))))).toEqual(['Listener/lab/web', 'LoadBalancer/lab/lb']);
  });

  it('always leaves a set without a broken reference, but for users of the thing itself', () => {
    for (const resource of [LB, OTHER, FRONTEND, aListener('web', 'lb', 80), aPool('idle')]) {
      const refs = cascadeOf(WORLD, refOf(resource));
      expect(() => checkPlan(WORLD, planRemoval(WORLD, ...refs))).not.toThrow();
    }
  });
});

describe('a refusal to delete', () => {
  const refusal = (ref: ResourceRef): unknown => {
    try {
      checkPlan(WORLD, planRemoval(WORLD, ref));
      return undefined;
    } catch (error) {
      return withCascade(error, WORLD, ref);
    }
  };

  it('says what a cascade would take', () => {
    const error = refusal(refOf(FRONTEND)) as CodedError;
    expect(error).toMatchObject({
      code: 'reference-missing',
      errors: [{ pointer: '/spec/frontendRef' }],
      message: expect.stringContaining(
        'with cascade (cascade=true, --cascade) PoolMember/front/n1 would go as well',
      ),
    });
  });

  it('does not speak of a cascade that would be refused as well', () => {
    expect(refusal(refOf(aPool('own')))).toMatchObject({
      code: 'reference-missing',
      message: expect.not.stringContaining('cascade'),
    });
    expect(refusal(refOf(N1))).toMatchObject({ message: expect.not.stringContaining('cascade') });
  });

  it('counts what it does not name', () => {
    const many = Array.from({ length: 7 }, (_, at) => aListener(`l${at}`, 'big', 1000 + at, 'idle'));
    const world = new Map([...WORLD, ...standingOf(aLoadBalancer('big', '192.0.2.9'), ...many)]);
    const error = new CodedError('reference-missing', 'in use');
    const told = withCascade(error, world, refOf(aLoadBalancer('big'))) as CodedError;
    expect(told.message).toMatch(/^in use; .* Listener\/l0, .*, Listener\/l4 and 4 more would go as well$/);
    const other = new CodedError('not-found', 'no');
    expect(withCascade(other, world, refOf(LB))).toBe(other);
  });
});
