import { describe, expect, it } from '@jest/globals';
import { parseResponseCode } from './response-code.js';

describe('parseResponseCode', () => {
  it.each([
    [undefined, 200, 200],
    [204, 204, 204],
    ['301', 301, 301],
    ['200-299', 200, 299],
    ['404-404', 404, 404],
  ])('%p', (code, from, to) => {
    expect(parseResponseCode(code)).toEqual({ from, to });
  });

  it.each([
    '',
    '2xx',
    '20',
    '2000',
    '099',
    '600',
    '299-200',
    '200-',
    '200 - 299',
    '200,201',
    200.5,
    Number.NaN,
  ])('refuses %p', (code) => {
    expect(parseResponseCode(code)).toBeUndefined();
  });
});
