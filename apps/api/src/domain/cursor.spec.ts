import { describe, expect, it } from '@jest/globals';
import { CodedError } from '@signalbox/contracts';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, pageOf } from './cursor.js';

describe('cursor', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.maxSafeInteger(), (text, number) => {
        expect(decodeCursor(encodeCursor([text, number]), ['string', 'number'])).toEqual([text, number]);
      }),
    );
  });

  it.each([
    '',
    'x',
    '!!',
    encodeCursor(['a']),
    encodeCursor([1, 'a']),
    encodeCursor(['a', 1, 2]),
    encodeCursor(['a', 1.5]),
    encodeCursor(['a', 1e30]),
    encodeCursor(['\0', 1]),
    'A'.repeat(5000),
  ])('refuses %.20s', (cursor) => {
    expect(() => decodeCursor(cursor, ['string', 'number'])).toThrow(CodedError);
  });
});

describe('pageOf', () => {
  const page = (rows: number[]): object => pageOf(rows, 2, String, (row) => [row]);

  it('points behind its last item when more follows', () => {
    expect(page([7, 8, 9])).toEqual({ items: ['7', '8'], next: encodeCursor([8]) });
  });

  it('has no next when it is the last', () => {
    expect(page([7, 8])).toEqual({ items: ['7', '8'] });
    expect(page([])).toEqual({ items: [] });
  });
});
