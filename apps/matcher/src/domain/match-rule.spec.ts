import { describe, expect, it } from '@jest/globals';
import { aFact, aRule, NOON } from './given.fixture.js';
import { decideMatch } from './match-rule.js';

const live = { current: true, nowMs: NOON };
const refusal = (clause: string, message: string) => ({ matched: false, clause, message });

describe('decideMatch', () => {
  it('S1 matches when every clause holds', () => {
    const rule = aRule({
      match: {
        types: ['other', 'client.observed'],
        subjectPrefixes: ['192.', '10.0.'],
        payload: { zone: 'a', note: '' },
        sourceNodes: ['onprem'],
      },
    });
    expect(decideMatch(rule, aFact({ payload: { zone: 'a', extra: 'x' } }), live)).toEqual({ matched: true });
  });

  it('S3 says which clause failed, what was wanted and what was found', () => {
    const fact = aFact({ payload: { zone: 'b' } });
    const decide = (match: object) =>
      decideMatch(aRule({ match: { types: ['client.observed'], ...match } }), fact, live);
    expect(decide({ types: ['a', 'b'] })).toEqual(
      refusal('types', 'wants type "a" or "b", found "client.observed"'),
    );
    expect(decide({ subjectPrefixes: ['172.'] })).toEqual(
      refusal('subjectPrefixes', 'wants a subject that starts with "172.", found "10.0.0.5/32"'),
    );
    expect(decide({ payload: { zone: 'a' } })).toEqual(
      refusal('payload', 'wants payload "zone" = "a", found "b"'),
    );
    expect(decide({ payload: { mac: 'm' } })).toEqual(
      refusal('payload', 'wants payload "mac" = "m", found no such key'),
    );
    expect(decide({ sourceNodes: ['cloud'] })).toEqual(
      refusal('sourceNodes', 'wants source node "cloud", found "onprem"'),
    );
    expect(decideMatch(aRule({ group: 'other' }), fact, live)).toEqual(
      refusal('group', 'wants group "other", found "edge"'),
    );
  });

  it('S4 refuses a fact strictly after its expiry', () => {
    const fact = aFact({ expiresAt: '2026-05-30T12:00:00Z' });
    expect(decideMatch(aRule(), fact, live)).toEqual({ matched: true });
    expect(decideMatch(aRule(), fact, { ...live, nowMs: NOON + 1 })).toEqual(
      refusal('expired', 'wants a fact that is still valid, found one that expired at 2026-05-30T12:00:00Z'),
    );
  });

  it('refuses a fact that came after a newer one of its lineage', () => {
    expect(decideMatch(aRule(), aFact(), { ...live, current: false })).toMatchObject({
      clause: 'superseded',
    });
  });

  it('reports the first clause that fails, in the order of the reference', () => {
    const rule = aRule({
      match: { types: ['t'], subjectPrefixes: ['s'], payload: { k: 'v' }, sourceNodes: ['n'] },
    });
    let fact = aFact({ group: 'g', expiresAt: '2026-05-30T11:00:00Z', payload: {} });
    let context = { ...live, current: false };
    const seen: string[] = [];
    const decide = () => {
      const decision = decideMatch(rule, fact, context);
      seen.push(decision.matched ? 'matched' : decision.clause);
    };
    decide();
    for (const change of [
      { group: 'edge' },
      { expiresAt: '2026-05-30T13:00:00Z' },
      {},
      { type: 't' },
      { subject: 's1' },
      { payload: { k: 'v' } },
      { sourceNode: 'n' },
    ]) {
      fact = { ...fact, ...change };
      if (Object.keys(change).length === 0) context = live;
      decide();
    }
    expect(seen).toEqual([
      'group',
      'expired',
      'superseded',
      'types',
      'subjectPrefixes',
      'payload',
      'sourceNodes',
      'matched',
    ]);
  });

  it('takes a missing key as empty, also when every object inherits one of that name', () => {
    const rule = aRule({ match: { types: ['client.observed'], payload: { constructor: '' } } });
    expect(decideMatch(rule, aFact(), live)).toEqual({ matched: true });
  });

  it('names a few wanted values and counts the rest', () => {
    const rule = aRule({ match: { types: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] } });
    expect(decideMatch(rule, aFact(), live)).toMatchObject({
      message: 'wants type "a" or "b" or "c" or "d" or "e" or one of 2 more, found "client.observed"',
    });
  });
});
