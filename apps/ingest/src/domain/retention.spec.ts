import { describe, expect, it } from '@jest/globals';
import { decideCut, isTooMany, isTooOld } from './retention.js';

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
