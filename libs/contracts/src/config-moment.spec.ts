import { expect, it } from '@jest/globals';
import { readMoment } from './config-moment.js';

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');

it.each([
  ['7', { generation: 7 }],
  ['2h', { time: '2026-05-30T10:00:00.000Z' }],
  ['1h30m', { time: '2026-05-30T10:30:00.000Z' }],
  ['2026-05-30T13:00:00.5009+02:00', { time: '2026-05-30T11:00:00.500Z' }],
  ['2026-05-30T12:00:00Z', { time: '2026-05-30T12:00:00.000Z' }],
  ['9999999h', { time: '1970-01-01T00:00:00.000Z' }],
])('D19 %s is a moment', (text, moment) => {
  expect(readMoment(text, NOW_MS, '/at')).toEqual(moment);
});

it.each([
  ['', 'must be a generation'],
  ['0', 'must be a generation'],
  ['99999999999', 'must be a generation'],
  ['yesterday', 'must be a generation'],
  ['-2h', 'must be a generation'],
  ['2026-05-30', 'must be a generation'],
  ['2026-05-30T12:00:00.001Z', 'is still to come: the clock of the site says 2026-05-30T12:00:00.000Z'],
])('D19 "%s" is none', (text, message) => {
  const refuse = (): unknown => readMoment(text, NOW_MS, '/from');
  expect(refuse).toThrow(message);
  expect(refuse).toThrow(
    expect.objectContaining({
      code: 'validation-failed',
      errors: [expect.objectContaining({ pointer: '/from' })],
    }),
  );
});
