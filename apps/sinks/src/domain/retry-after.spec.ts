import { describe, expect, it } from '@jest/globals';
import { LONGEST_REST_MS, restMsOf } from './retry-after.js';

const NOW = Date.parse('2026-05-30T12:00:00.250Z');

describe('Retry-After', () => {
  it.each([
    ['1', 1000],
    [' 120 ', 120_000],
    ['3601', LONGEST_REST_MS],
    ['99999999999999999999', LONGEST_REST_MS],
    ['Sat, 30 May 2026 12:00:30 GMT', 29_750],
    ['Fri, 30 May 2036 12:00:00 GMT', LONGEST_REST_MS],
  ])('%s is understood', (text, expected) => {
    expect(restMsOf(text, NOW)).toBe(expected);
  });

  it.each([
    undefined,
    '',
    '0',
    '-5',
    '1.5',
    '5 s',
    'soon',
    'Sat, 30 May 2026 11:59:59 GMT',
    'Sat, 99 May 2026 12:00:30 GMT',
    '2026-05-30',
  ])('%s asks for nothing', (text) => {
    expect(restMsOf(text, NOW)).toBeUndefined();
  });
});
