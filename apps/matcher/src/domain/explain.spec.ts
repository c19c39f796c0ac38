import { describe, expect, it } from '@jest/globals';
import { explainFact } from './explain.js';
import { aFact, aFactRecord, aRule, NOON } from './given.fixture.js';

describe('explainFact', () => {
  const rules = [
    aRule({ subscription: 'b' }),
    aRule({ subscription: 'c', match: { types: ['client.observed'], sourceNodes: ['cloud'] } }),
    aRule({ subscription: 'a', match: { types: ['other'] } }),
  ];

  it('S3 answers for every subscription, sorted, with the clause that failed', () => {
    expect(explainFact(rules, aFactRecord(aFact()), NOON)).toEqual([
      {
        subscription: 'a',
        matched: false,
        clause: 'types',
        message: 'wants type "other", found "client.observed"',
      },
      { subscription: 'b', matched: true },
      {
        subscription: 'c',
        matched: false,
        clause: 'sourceNodes',
        message: 'wants source node "cloud", found "onprem"',
      },
    ]);
  });

  it('knows from the record that a newer fact had come before', () => {
    const explained = explainFact(rules, aFactRecord(aFact(), { current: false }), NOON);
    expect(explained.map(({ clause }) => clause)).toEqual(['superseded', 'superseded', 'superseded']);
  });
});
