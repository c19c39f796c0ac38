import { describe, expect, it } from '@jest/globals';
import { decideCut, isTooMany, isTooOld, retentionOf } from './retention.js';

const SITE = { maxAgeMs: 1000, maxEvents: 10 };

describe('retentionOf', () => {
  it.each([
    ['nothing', undefined, SITE],
    ['an empty age', { maxAge: '' }, SITE],
    ['an age', { maxAge: '1h' }, { maxAgeMs: 3_600_000, maxEvents: 10 }],
    ['a number', { maxEvents: 3 }, { maxAgeMs: 1000, maxEvents: 3 }],
    ['no bound of age', { maxAge: '0' }, { maxEvents: 10 }],
    ['a negative age', { maxAge: '-1s' }, { maxEvents: 10 }],
    ['no bound of number', { maxEvents: 0 }, { maxAgeMs: 1000 }],
  ])('takes %s of a group before the site', (_what, retention, expected) => {
    expect(retentionOf({ ...(retention && { retention }) }, SITE)).toEqual(expected);
  });

  it('has no bound where neither says one', () => {
    expect(retentionOf({}, {})).toEqual({});
  });
});

describe('a step', () => {
  it('is a hundredth of the bound, and one fact at least', () => {
    expect([isTooMany(2, 2), isTooMany(3, 2)]).toEqual([false, true]);
    expect([isTooMany(1010, 1000), isTooMany(1011, 1000)]).toEqual([false, true]);
    expect([isTooOld(0, 1010, 1000), isTooOld(0, 1011, 1000)]).toEqual([false, true]);
  });
});

describe('decideCut', () => {
  it('goes as far as the stricter bound, and never past what was seen', () => {
    expect(decideCut({ byAge: 5, byNumber: 7, seen: 9 }, 1)).toEqual({ upTo: 7, bound: 'maxEvents' });
    expect(decideCut({ byAge: 8, byNumber: 7, seen: 9 }, 1)).toEqual({ upTo: 8, bound: 'maxAge' });
    expect(decideCut({ byAge: 8, byNumber: 0, seen: 6 }, 1)).toEqual({ upTo: 6, bound: 'maxAge' });
  });

  it('is none when everything that is there is kept', () => {
    expect(decideCut({ byAge: 4, byNumber: 0, seen: 9 }, 5)).toBeUndefined();
    expect(decideCut({ byAge: 4, byNumber: 9, seen: 0 }, 1)).toBeUndefined();
  });
});
