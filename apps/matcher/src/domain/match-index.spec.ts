import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aFact, aRule, NOON } from './given.fixture.js';
import { MatchIndex } from './match-index.js';
import { decideMatch } from './match-rule.js';
import type { Rule } from './rule.js';

const pick = (...values: string[]) => fc.constantFrom(...values);
const payload = fc.dictionary(pick('zone', 'mac', 'constructor'), pick('', 'a', 'b'), { maxKeys: 3 });
const match = fc.record(
  {
    types: fc.array(pick('t1', 't2', 't3'), { minLength: 1, maxLength: 3 }),
    subjectPrefixes: fc.array(pick('1', '10', '10.', '10.0', '2', 'é'), { maxLength: 3 }),
    payload,
    sourceNodes: fc.array(pick('n1', 'n2'), { maxLength: 3 }),
  },
  { requiredKeys: ['types'] },
);
const rules = fc.array(
  fc.record({ subscription: pick('s1', 's2', 's3', 's4', 's5', 's6'), group: pick('g1', 'g2'), match }),
  { maxLength: 12 },
);
const facts = fc.array(
  fc.record({
    group: pick('g1', 'g2'),
    type: pick('t1', 't2', 't3'),
    subject: pick('', '1', '10.0.0.1', '10', '20', 'émile'),
    payload,
    sourceNode: pick('', 'n1', 'n2'),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('MatchIndex', () => {
  it('finds exactly what a scan of all rules finds, whatever was put and removed before', () => {
    fc.assert(
      fc.property(rules, fc.array(pick('s1', 's2', 's3')), facts, (puts, removed, given) => {
        const index = new MatchIndex();
        const kept = new Map<string, Rule>();
        for (const change of puts) {
          const rule = aRule(change);
          index.put(rule);
          kept.set(rule.subscription, rule);
        }
        for (const subscription of removed) {
          index.remove(subscription);
          kept.delete(subscription);
        }
        expect(index.size).toBe(kept.size);
        for (const change of given) {
          const fact = aFact(change);
          const matches = (rule: Rule) => decideMatch(rule, fact, { current: true, nowMs: NOON }).matched;
          const scanned = [...kept.values()].filter(matches).map((rule) => rule.subscription);
          const found = index.candidates(fact).filter(matches);
          expect(found.map((rule) => rule.subscription)).toEqual(scanned.sort());
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives back nothing of a rule that was removed or replaced', () => {
    const index = new MatchIndex();
    index.put(aRule({ match: { types: ['a', 'b'], subjectPrefixes: ['1', '2'] } }));
    index.put(aRule({ match: { types: ['c'], payload: { k: 'v' } } }));
    expect(index.candidates(aFact({ type: 'a', subject: '1' }))).toEqual([]);
    expect(index.candidates(aFact({ type: 'c', payload: { k: 'v' } }))).toHaveLength(1);
    index.remove('claims');
    index.remove('claims');
    expect(index.candidates(aFact({ type: 'c', payload: { k: 'v' } }))).toEqual([]);
    expect(index.size).toBe(0);
  });

  it('looks at few of 100,000 rules, whatever it is that sets them apart', () => {
    const index = new MatchIndex();
    const types = ['client.observed'];
    for (let n = 0; n < 25_000; n += 1) {
      const address = `10.${n >> 8}.${n & 255}.`;
      index.put(aRule({ subscription: `prefix-${n}`, match: { types, subjectPrefixes: [address] } }));
      index.put(aRule({ subscription: `type-${n}`, match: { types: [`type-${n}`] } }));
      index.put(aRule({ subscription: `node-${n}`, match: { types, sourceNodes: [`node-${n}`] } }));
      // The pair that all rules share comes first by name: the index must take the other one.
      const wanted = { kind: 'vm', mac: `mac-${n}` };
      index.put(aRule({ subscription: `pair-${n}`, match: { types, payload: wanted } }));
    }
    expect(index.size).toBe(100_000);
    const fact = aFact({
      subject: '10.3.7.1',
      sourceNode: 'node-9',
      payload: { kind: 'vm', mac: 'mac-11' },
    });
    expect(index.candidates(fact).map((rule) => rule.subscription)).toEqual([
      'node-9',
      'pair-0', // the first rule of all took the shared pair: nothing told it apart yet
      'pair-11',
      'prefix-775',
    ]);
  });
});
