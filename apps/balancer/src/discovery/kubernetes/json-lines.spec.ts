import fc from 'fast-check';
import { JsonLines } from './json-lines.js';

/** What the lines give for these pieces. */
function read(pieces: readonly Buffer[], maxBytes = 1000): unknown[] {
  const lines = new JsonLines(maxBytes);
  const values: unknown[] = [];
  for (const piece of pieces) lines.push(piece, (value) => void values.push(value));
  return values;
}

describe('lines of JSON', () => {
  it('are the same wherever their pieces end', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.integer(), fc.constant({}));
    fc.assert(
      fc.property(fc.array(value), fc.array(fc.nat({ max: 30 })), (values, steps) => {
        const bytes = Buffer.from(values.map((one) => `${JSON.stringify(one)}\n`).join(''));
        const pieces: Buffer[] = [];
        let at = 0;
        for (const step of [...steps, bytes.byteLength]) {
          pieces.push(bytes.subarray(at, at + step));
          at = Math.min(at + step, bytes.byteLength);
        }
        expect(read(pieces)).toEqual(values);
      }),
    );
  });

  it('are given when they are complete', () => {
    expect(read([Buffer.from('1\n\n2\n3')])).toEqual([1, 2]);
  });

  it.each([
    ['no JSON', Buffer.from('1\n{"a":\n2\n')],
    ['no UTF-8', Buffer.from([0x31, 0x0a, 0x22, 0xff, 0x22, 0x0a])],
    ['too long', Buffer.from(`1\n"${'x'.repeat(1000)}`)],
  ])('are given up to one that is %s', (_, bytes) => {
    const lines = new JsonLines(1000);
    const values: unknown[] = [];
    expect(() => lines.push(bytes, (value) => void values.push(value))).toThrow('an event is');
    expect(values).toEqual([1]);
  });
});
