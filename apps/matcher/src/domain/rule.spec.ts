import { describe, expect, it } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { ruleOf } from './rule.js';

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
      isSuspended: false,
      match,
      concurrency: 4,
      retry,
    });
  });

  it('P9 knows when the plugin is suspended', () => {
    const of = (suspend?: boolean) => {
      const declared = { ...plugin, spec: { executable: '/x', ...(suspend !== undefined && { suspend }) } };
      return ruleOf({ resource: subscription, revision: 1 }, { resource: declared, revision: 1 }, retry);
    };
    expect([of(), of(false), of(true)].map(({ isSuspended }) => isSuspended)).toEqual([false, false, true]);
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
