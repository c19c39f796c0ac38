import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { MAX_EVENT_CHARS, SseParser } from './sse-parser.js';

const readAll = (pieces: readonly string[]) => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};
const event = (data: string, type = 'message', lastEventId = '') => ({ type, data, lastEventId });

describe('SseParser', () => {
  it.each([
    ['data: a\n\n', [event('a')]],
    ['data:a\n\ndata:  b\n\n', [event('a'), event(' b')]],
    ['data: a\r\n\r\ndata: b\r\rdata: c\n\n', [event('a'), event('b'), event('c')]],
    ['data: a\ndata\ndata: b\n\n', [event('a\n\nb')]],
    [': ping\n\n:\n\n', []],
    ['event: backend\nid: 1.2\ndata: {}\n\n', [event('{}', 'backend', '1.2')]],
    ['event: backend\n\ndata: a\n\n', [event('a')]],
    [
      'id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n',
      [event('a', 'message', '1'), event('b', 'message', '1'), event('c')],
    ],
    ['id: 5\n\ndata: a\n\n', [event('a', 'message', '5')]],
    ['id: a\0b\ndata: a\n\n', [event('a')]],
    ['retry: 1000\nunknown: x\ndata: a\n\n', [event('a')]],
    ['\uFEFFdata: a\n\n', [event('a')]],
    ['data: a\n', []],
    ['data\n\n', [event('')]],
  ])('%j', (text, events) => {
    expect(readAll([text])).toEqual(events);
  });

  it('reads the same however the text is cut', () => {
    const field = fc.constantFrom('data: a', 'data:', 'event: backend', 'id: 1.2', ': ping', 'x', 'data: é✓');
    const end = fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\r\r');
    const text = fc.array(fc.tuple(field, end)).map((lines) => lines.flat().join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat()), (whole, cuts) => {
        const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
        const pieces = [0, ...places].map((at, index) => whole.slice(at, places[index] ?? whole.length));
        expect(pieces.join('')).toBe(whole);
        expect(readAll(pieces)).toEqual(readAll([whole]));
        expect(readAll([...whole])).toEqual(readAll([whole]));
      }),
    );
  });

  it('refuses an event without end', () => {
    const line = `data: ${'x'.repeat(MAX_EVENT_CHARS / 4)}`;
    expect(() => readAll([line, line, line, line, line])).toThrow('is longer than');
    expect(() => readAll(Array<string>(5).fill(`${line}\n`))).toThrow('is longer than');
    expect(() => readAll(Array<string>(5).fill(`${line}\n\n`))).not.toThrow();
  });
});
