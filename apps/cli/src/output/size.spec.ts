import { expect, it } from '@jest/globals';
import { sizeText } from './size.js';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [1536 * 1024, '1.5 MiB'],
  [2 * 1024 ** 3, '2 GiB'],
  [-3 * 1024, '-3 KiB'],
  [2 ** 70, '1048576 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});
