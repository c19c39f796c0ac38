import { describe, expect, it } from '@jest/globals';
import { percentile, rounded, spread } from './statistics.mjs';

describe('spread', () => {
  it('is the median with the smallest and the greatest', () => {
    expect(spread([9, 1, 5])).toEqual({ value: 5, min: 1, max: 9 });
    expect(spread([4, 1, 2, 9])).toEqual({ value: 3, min: 1, max: 9 });
    expect(spread([7])).toEqual({ value: 7, min: 7, max: 7 });
    expect(spread([])).toEqual({ value: NaN, min: NaN, max: NaN });
  });
});

describe('percentile', () => {
  it('is a value that is there, the last one at most', () => {
    const sorted = Array.from({ length: 200 }, (_, n) => n + 1);
    expect(percentile(sorted, 0.5)).toBe(101);
    expect(percentile(sorted, 0.99)).toBe(199);
    expect(percentile(sorted, 1)).toBe(200);
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('rounded', () => {
  it.each([
    [12345.6, '12,346'],
    [250, '250'],
    [17.26, '17.3'],
    [3.14159, '3.1'],
    [0.01234, '0.012'],
    [0, '0'],
    [NaN, '-'],
    [Infinity, '-'],
  ])('shows %d as %s', (value, text) => expect(rounded(value)).toBe(text));
});
