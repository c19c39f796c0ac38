import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { factSubject, factsStream, groupOfStream, SUBJECTS, subjectToken } from './subjects.js';

const names = fc.oneof(
  fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }),
  fc.stringMatching(/^[A-Za-z0-9_-]{1,70}$/),
  fc.stringMatching(/^x-[0-9a-f]{16}$/),
  fc.constantFrom('a.b', 'a b', 'a*', '>', '', '\u0000', 'ü', 'EventSubscription/a'),
);

describe('subjectToken', () => {
  it('is one token without dots, blanks and wildcards', () => {
    fc.assert(fc.property(names, (name) => expect(subjectToken(name)).toMatch(/^[A-Za-z0-9_-]{1,63}$/)));
  });

  it('differs for different names', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(subjectToken(a) === subjectToken(b)).toBe(a === b);
      }),
    );
  });

  it('keeps labels and hashes names that look hashed', () => {
    expect(subjectToken('cloud-claims')).toBe('cloud-claims');
    const hashed = subjectToken('cloud claims');
    expect(hashed).toMatch(/^x-[0-9a-f]{16}$/);
    expect(subjectToken(hashed)).not.toBe(hashed);
  });
});

it('a fact subject tells group, whose it is, its partition and its type', () => {
  expect(factSubject('edge', true, 'key:a', 'a.b')).toMatch(/^facts\.edge\.own\.(?:\d|1[0-5])\.a\.b$/);
  expect(factSubject('edge', false, 'key:a', 'a.b')).toMatch(/^facts\.edge\.peer\./);
  expect(factSubject('edge', true, 'key:a', 'c').split('.')[3]).toBe(
    factSubject('edge', true, 'key:a', 'd').split('.')[3],
  );
});

it('facts streams are named after their group', () => {
  expect(groupOfStream(factsStream('edge'))).toBe('edge');
  expect(groupOfStream('JOURNAL')).toBeUndefined();
});

it('every subject of a named thing has the same number of tokens for any name', () => {
  const odd = 'a.b c/*';
  expect(SUBJECTS.deliveryActivity('edge', odd).split('.')).toHaveLength(4);
});
