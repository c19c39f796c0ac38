import { describe, expect, it } from '@jest/globals';
import { isDuration, parseDuration } from './duration.js';
import { CodedError } from './errors.js';

describe('parseDuration', () => {
  it.each([
    ['10s', 10_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['1us', 0.001],
    ['2µs', 0.002],
    ['1m0s', 60_000],
    ['0s', 0],
    ['1s1ms', 1001],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  it.each(['', '5', '-5s', '+5s', '5 s', '5S', '5d', 's', '1h30', '1e3s', '1,5s', '5s\n'])(
    'refuses %j',
    (text) => {
      expect(isDuration(text)).toBe(false);
      expect(() => parseDuration(text)).toThrow(CodedError);
    },
  );
});
