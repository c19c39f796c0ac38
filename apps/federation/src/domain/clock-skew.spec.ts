import { expect, it } from '@jest/globals';
import { clockSkewMs } from './clock-skew.js';

it.each([
  ['in between', 10_000, 9_500, 12_000, 0],
  ['in the second before', 9_000, 9_999, 10_100, 0],
  ['ahead', 610_000, 9_500, 10_000, 600_000],
  ['behind', 10_000, 611_000, 611_200, -600_000],
])('O12 the clock of a peer that answers %s', (_what, date, asked, answered, skew) => {
  expect(clockSkewMs(date, asked, answered)).toBe(skew);
});
