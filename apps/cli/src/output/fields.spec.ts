import { expect, it } from '@jest/globals';
import { durationText, timeText } from './age.js';
import { fieldsText } from './fields.js';

it('fieldsText aligns the values, shows empty ones and leaves absent ones out', () => {
  expect(
    fieldsText([
      ['a', 1],
      ['absent', undefined],
      ['longer', ''],
      ['off', false],
    ]),
  ).toBe('a       1\nlonger  -\noff     false\n');
});

it.each([
  [0, '0ms'],
  [3.27, '3.2ms'],
  [999.99, '999.9ms'],
  [1000, '1s'],
  [1590, '1.5s'],
  [59_999, '59.9s'],
  [60_000, '1m'],
  [150_000, '2m30s'],
  [3_600_000, '1h'],
  [3_659_000, '1h'],
  [3_660_000, '1h1m'],
  [90_000_000, '1d1h'],
])('durationText %d: %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

it.each([
  ['2026-05-30T12:00:00Z', '2026-05-30T12:00:00Z (1m30s ago)'],
  ['2026-05-30T12:01:29.500Z', '2026-05-30T12:01:29.500Z (0s ago)'],
  ['2026-05-30T13:00:00Z', '2026-05-30T13:00:00Z (0s ago)'],
  ['whenever', 'whenever'],
])('timeText %s', (time, text) => {
  expect(timeText(time, Date.parse('2026-05-30T12:01:30Z'))).toBe(text);
});
