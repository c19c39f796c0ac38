import { describe, expect, it } from '@jest/globals';
import type { Fact, Resource } from '@signalbox/contracts';
import { ruleOf } from './rule.js';
import { tryFacts } from './try-facts.js';

const NOW = Date.parse('2026-05-30T12:00:00Z');
const RETRY = { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 };

function fact(id: string, change: Partial<Fact> = {}): Fact {
  const observedAt = '2026-05-30T11:59:00Z';
  return {
    id,
    group: 'lan',
    sourceNode: 'edge',
    type: 'seen',
    subject: id,
    dedupeKey: id,
    payload: {},
    observedAt,
    ...change,
  };
}

function rule(trigger: object = {}, plugin: object | null = {}): ReturnType<typeof ruleOf> {
  const of = (kind: string, spec: object): { resource: Resource; revision: number } => ({
    resource: { apiVersion: 'a/v1', kind, metadata: { name: 'hosts' }, spec: spec as Resource['spec'] },
    revision: 7,
  });
  const spec = { groupRef: 'lan', match: { types: ['seen'] }, trigger: { pluginRef: 'host', ...trigger } };
  return ruleOf(of('EventSubscription', spec), plugin === null ? undefined : of('Plugin', plugin), RETRY);
}

describe('what a rule would make of facts', () => {
  it('decides by the production rule, and plans a run for each lineage that matches, at once', () => {
    const facts = [fact('a'), fact('b', { type: 'gone' }), fact('c', { group: 'wan' }), fact('d'), fact('e')];
    const { decisions, orders } = tryFacts(rule({ concurrency: 1 }), facts, NOW);
    expect(decisions.map((one) => (one.matched ? 'yes' : one.clause))).toEqual([
      'yes',
      'types',
      'group',
      'yes',
      'yes',
    ]);
    expect(orders.map((order) => order.facts.map(({ seq, id }) => `${seq}${id}`))).toEqual([
      ['1a'],
      ['4d'],
      ['5e'],
    ]);
    expect(orders[0]).toMatchObject({ subscription: 'hosts', plugin: 'host', group: 'lan', attempt: 1 });
  });

  it('of one lineage only the newest fact starts a run', () => {
    const late = fact('late', { subject: 'x', observedAt: '2026-05-30T11:59:30Z' });
    const { decisions, orders } = tryFacts(
      rule(),
      [fact('first', { subject: 'x' }), late, fact('old', { subject: 'x' })],
      NOW,
    );
    expect(decisions.map(({ matched }) => matched)).toEqual([true, true, false]);
    expect(orders.map((order) => order.facts.map(({ id }) => id))).toEqual([['late']]);
  });

  it('gathers as the subscription does, without waiting for the window', () => {
    const { orders } = tryFacts(rule({ batchWindow: '1h' }), [fact('a'), fact('b')], NOW);
    expect(orders.map((order) => order.facts.map(({ id }) => id))).toEqual([['a', 'b']]);
  });

  it('plans nothing without the plugin, or while it is suspended', () => {
    expect(tryFacts(rule({}, null), [fact('a')], NOW)).toMatchObject({
      decisions: [{ matched: true }],
      orders: [],
    });
    expect(tryFacts(rule({}, { suspend: true }), [fact('a')], NOW).orders).toEqual([]);
  });
});
