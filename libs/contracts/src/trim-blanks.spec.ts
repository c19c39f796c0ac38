import { expect, it } from '@jest/globals';
import { trimBlanks } from './trim-blanks.js';

it.each([
  [' a b\t\n', 'a b'],
  ['\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000x\r\v\f', 'x'],
  ['\ufeffa\ufeff', '\ufeffa\ufeff'],
  ['\u200b \u180e', '\u200b \u180e'],
  [' \n', ''],
  ['', ''],
  ['\u{1f600} ', '\u{1f600}'],
])('X2 takes the blanks around %j and nothing else', (text, trimmed) => {
  expect(trimBlanks(text)).toBe(trimmed);
});

it('costs the length of the text', () => {
  const text = `a${' '.repeat(1_000_000)}b`;
  expect(trimBlanks(` ${text} `)).toBe(text);
});
