import { describe, expect, it } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { leavesThePast, ruleOf, waitingOf } from './rule.js';

const retry = { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 };

function resource(kind: string, name: string, spec: Resource['spec']): Resource {
  return { apiVersion: 'v1', kind, metadata: { name }, spec };
}

describe('ruleOf', () => {
  const match = { types: ['a'] };
  const subscription = resource('EventSubscription', 's', {
    groupRef: 'g',
    match,
    trigger: { pluginRef: 'p' },
  });
  const plugin = resource('Plugin', 'p', { executable: '/x' });

  it('S23 has the newer of the revisions of the subscription and of its plugin', () => {
    const rule = (own: number, ofPlugin: number) =>
      ruleOf({ resource: subscription, revision: own }, { resource: plugin, revision: ofPlugin }, retry);
    expect(rule(5, 9).revision).toBe(9);
    expect(rule(12, 9).revision).toBe(12);
  });

  it('fills in the default concurrency and knows when the plugin is missing', () => {
    expect(ruleOf({ resource: subscription, revision: 5 }, undefined, retry)).toEqual({
      subscription: 's',
      group: 'g',
      plugin: 'p',
      revision: 5,
      pluginExists: false,
      match,
      onChange: 'reevaluate',
      concurrency: 4,
      retry,
    });
  });

  it('P9 S11 knows what waits, why and for which resource: its own suspension is told first', () => {
    const of = (ownSuspend: boolean, suspend?: boolean) => {
      const own = { ...subscription, spec: { ...subscription.spec, suspend: ownSuspend } };
      const declared = suspend !== undefined && { ...plugin, spec: { executable: '/x', suspend } };
      const found = declared ? { resource: declared, revision: 1 } : undefined;
      return waitingOf(ruleOf({ resource: own, revision: 1 }, found, retry));
    };
    expect(of(false, false)).toBeUndefined();
    expect(of(false, true)).toEqual({ reason: 'plugin-suspended', waitsFor: 'Plugin/p' });
    expect(of(false)).toEqual({ reason: 'plugin-missing', waitsFor: 'Plugin/p' });
    const own = { reason: 'subscription-suspended', waitsFor: 'EventSubscription/s' };
    expect([of(true, false), of(true, true), of(true)]).toEqual([own, own, own]);
  });

  it('leaves the past of its group alone when it says that changes are for new facts only', () => {
    const of = (onChange?: string) => {
      const own = { ...subscription, spec: { ...subscription.spec, ...(onChange && { onChange }) } };
      return ruleOf({ resource: own, revision: 1 }, undefined, retry);
    };
    expect([of(), of('reevaluate'), of('ignore')].map((rule) => leavesThePast(rule, 'g'))).toEqual([
      false,
      false,
      true,
    ]);
    expect(leavesThePast(of('ignore'), 'other')).toBe(false);
  });

  it.each([
    ['oneshot', undefined, 4],
    ['persistent', undefined, 256],
    ['persistent', 3, 3],
  ] as const)(
    'a subscription of a %s plugin that asks for %p has %p in flight',
    (mode, asked, concurrency) => {
      const trigger = { pluginRef: 'p', ...(asked && { concurrency: asked }) };
      const given = { ...subscription, spec: { ...subscription.spec, trigger } };
      const declared = { ...plugin, spec: { executable: '/x', mode } };
      const rule = ruleOf({ resource: given, revision: 1 }, { resource: declared, revision: 1 }, retry);
      expect(rule.concurrency).toBe(concurrency);
    },
  );
});
