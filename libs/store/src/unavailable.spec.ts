import { describe, expect, it } from '@jest/globals';
import { isUnavailable, saysItIsAway } from './unavailable.js';

const withCode = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('isUnavailable', () => {
  it.each([
    ...['57P01', '57P03', '53300', '08006', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'],
    // the resolver or the way there is away: a site that is offline, a host that starts
    ...['EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ])('%s may work later', (code) => expect(isUnavailable(withCode(code))).toBe(true));

  it.each(['23505', '42P01', '28P01'])('%s will not', (code) =>
    expect(isUnavailable(withCode(code))).toBe(false),
  );
});

describe('saysItIsAway', () => {
  it('is about Postgres itself, not about one connection', () => {
    expect(saysItIsAway(withCode('57P03'))).toBe(true);
    expect(saysItIsAway(withCode('ECONNRESET'))).toBe(false);
    expect(saysItIsAway(undefined)).toBe(false);
  });
});
