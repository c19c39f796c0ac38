import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CodedError } from './errors.js';
import { compareFacts, type FactAge, factToPeer, readOriginSequence, storedNs } from './fact-order.js';
import { normalizeFact } from './normalize-fact.js';

const T = '2026-05-30T12:00:00Z';

function fact(id: string, observedAt = T, originSequence?: number): FactAge {
  return { id, observedAt, ...(originSequence !== undefined && { originSequence }) };
}

/** Ages that meet often: few instants in several spellings, few sequences, few ids. */
const AGES = fc.record(
  {
    id: fc.constantFrom('a', 'b', 'B', 'ab', 'z', '\u{1f600}', '\uffee', 'é'),
    observedAt: fc.constantFrom(
      T,
      '2026-05-30T14:00:00+02:00',
      '2026-05-30T12:00:00.000000001Z',
      '1066-10-14T09:00:00Z',
    ),
    originSequence: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: ['id', 'observedAt'] },
);

describe('X5 the order of the facts of a lineage', () => {
  it.each([
    ['a later observedAt, in nanoseconds', fact('z', T, 9), fact('a', '2026-05-30T12:00:00.000000001Z', 1)],
    ['then the one accepted later at the origin', fact('z', T, 1), fact('a', T, 2)],
    ['the same instant in another spelling', fact('z', T, 1), fact('a', '2026-05-30T14:00:00.000+02:00', 2)],
    ['one with a sequence over one without', fact('z'), fact('a', T, 1)],
    ['without sequences the greater id', fact('a'), fact('b')],
    ['with equal sequences the greater id', fact('a', T, 4), fact('b', T, 4)],
    ['ids byte by byte, as a Go peer compares them', fact('\uffee'), fact('\u{1f600}')],
  ])('%s is newer', (_what, older, newer) => {
    expect(compareFacts(older, newer)).toBeLessThan(0);
    expect(compareFacts(newer, older)).toBeGreaterThan(0);
  });

  it('is total: the sorted list does not depend on where it began', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(AGES, { selector: ({ id }) => id, maxLength: 8 })
          .chain((facts) =>
            fc.tuple(
              fc.constant(facts),
              fc.shuffledSubarray(facts, { minLength: facts.length, maxLength: facts.length }),
            ),
          ),
        ([facts, shuffled]) =>
          expect([...shuffled].sort(compareFacts)).toEqual([...facts].sort(compareFacts)),
      ),
    );
  });

  it('storedNs keeps what a bigint column cannot hold at its ends', () => {
    expect(storedNs(10n ** 20n)).toBe('9223372036854775807');
    expect(storedNs(-(10n ** 20n))).toBe('-9223372036854775807');
  });
});

describe('X5 originSequence of a pushed body', () => {
  it('is read, or absent as from a Go peer', () => {
    expect(readOriginSequence({ originSequence: 41 })).toBe(41);
    expect(readOriginSequence({ originSequence: null })).toBeUndefined();
    expect(readOriginSequence({})).toBeUndefined();
    expect(readOriginSequence('text')).toBeUndefined();
    expect(readOriginSequence(null)).toBeUndefined();
  });

  it.each([0, -1, 1.5, '7', true, [], {}, 2 ** 53, Number.POSITIVE_INFINITY])(
    '%p is refused with its place',
    (originSequence) => {
      const refused = (): unknown => readOriginSequence({ originSequence });
      expect(refused).toThrow(CodedError);
      expect(refused).toThrow(
        expect.objectContaining({
          code: 'bad-grammar',
          errors: [expect.objectContaining({ pointer: '/originSequence' })],
        }),
      );
    },
  );

  it('goes out unchanged, and is left out where there is none', () => {
    const received = normalizeFact(
      { id: 'e', group: 'g', sourceNode: 'n', type: 'a.b', observedAt: T },
      {},
      Date.parse(T),
    );
    expect(factToPeer({ ...received, originSequence: 3 })).toMatchObject({ id: 'e', originSequence: 3 });
    expect(factToPeer(received)).not.toHaveProperty('originSequence');
  });
});
