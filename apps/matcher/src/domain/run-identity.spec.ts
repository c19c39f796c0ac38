import { describe, expect, it } from '@jest/globals';
import { lineageOf, partSourceOf, sha256Hex } from '@signalbox/contracts';
import fc from 'fast-check';
import { aMatch, aRule } from './given.fixture.js';
import { runIdOf } from './run-identity.js';

const fact = { id: 'f1', origin: 'onprem', expiresAt: '2026-05-30T13:00:00Z' };

describe('runIdOf', () => {
  it('S2 is the same however often the same fact is read', () => {
    expect(runIdOf(aRule(), [fact])).toMatch(/^run-[0-9a-f]{24}$/);
    expect(runIdOf(aRule({ plugin: 'p2', concurrency: 1 }), [{ ...fact }])).toBe(runIdOf(aRule(), [fact]));
  });

  it('S23 is another one after a refresh, for another fact and under a changed rule', () => {
    const ids = [
      runIdOf(aRule(), [fact]),
      runIdOf(aRule({ revision: 4 }), [fact]),
      runIdOf(aRule({ subscription: 'other' }), [fact]),
      runIdOf(aRule({ group: 'other' }), [fact]),
      runIdOf(aRule(), [{ ...fact, expiresAt: '2026-05-30T14:00:00Z' }]),
      runIdOf(aRule(), [{ id: 'f1', origin: 'onprem' }]),
      runIdOf(aRule(), [{ ...fact, id: 'f2' }]),
      runIdOf(aRule(), [{ ...fact, origin: 'cloud' }]),
      runIdOf(aRule(), [fact, { ...fact, id: 'f2' }]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('does not depend on the order of a batch', () => {
    const batch = fc.array(fc.record({ id: fc.string(), origin: fc.string() }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(batch, (facts) => {
        expect(runIdOf(aRule(), facts.toReversed())).toBe(runIdOf(aRule(), facts));
      }),
    );
  });
});

describe('partSourceOf', () => {
  it('hashes the lineages sorted as bytes, so a renewal stands where the earlier part stood', () => {
    const { fact: one } = aMatch(1, 'a');
    const { fact: renewed } = aMatch(9, 'a');
    const lineage = lineageOf(one.origin, one.factKey);
    expect(partSourceOf('claims', [one])).toBe(`EventSubscription/claims/${sha256Hex(lineage).slice(0, 16)}`);
    expect(partSourceOf('claims', [renewed])).toBe(partSourceOf('claims', [one]));
    expect(partSourceOf('claims', [one, renewed])).toBe(partSourceOf('claims', [one]));
  });

  it('sorts by UTF-8 bytes, not by UTF-16 units', () => {
    const [low, high] = ['\uFFFD', '\u{1F600}'].map((factKey) => ({ origin: 'n', factKey }));
    const expected = sha256Hex(`n\u0000\uFFFD\nn\u0000\u{1F600}`).slice(0, 16);
    expect(partSourceOf('s', [high!, low!])).toBe(`EventSubscription/s/${expected}`);
  });
});
