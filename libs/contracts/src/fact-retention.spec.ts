import { describe, expect, it } from '@jest/globals';
import { retentionOf } from './fact-retention.js';

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
