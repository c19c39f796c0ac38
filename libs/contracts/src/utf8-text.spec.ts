import fc from 'fast-check';
import { utf8Text } from './utf8-text.js';

const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);

describe('utf8Text', () => {
  it('X2 gives back what was encoded, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Text(Buffer.from(`x${text}`), 'the text')).toBe(`x${text}`);
      }),
    );
  });

  it('X2 leaves out a byte order mark', () => {
    expect(utf8Text(bytes(0xef, 0xbb, 0xbf, 0x61), 'the text')).toBe('a');
  });

  it.each([
    ['a byte of Latin 1', bytes(0x61, 0xe9, 0x62), '0xe9 at offset 1'],
    ['a lone continuation', bytes(0x61, 0x62, 0x80), '0x80 at offset 2'],
    ['an overlong slash', bytes(0xc0, 0xaf), '0xc0 at offset 0'],
    ['a surrogate', bytes(0x61, 0xed, 0xa0, 0x80), '0xed at offset 1'],
    ['past U+10FFFF', bytes(0xf4, 0x90, 0x80, 0x80), '0xf4 at offset 0'],
    ['a cut sequence at the end', bytes(0x61, 0xe2, 0x82), '0xe2 at offset 1'],
    ['after valid ones', Buffer.concat([Buffer.from('ä€😀'), bytes(0xff)]), '0xff at offset 9'],
  ])('X2 refuses %s with its offset', (_, given, place) => {
    expect(() => utf8Text(given, 'the body')).toThrow(`the body is not valid UTF-8: byte ${place}`);
  });

  it.each([
    ['UTF-16', bytes(0xff, 0xfe, 0x61, 0)],
    ['UTF-16', bytes(0xfe, 0xff, 0, 0x61)],
    ['UTF-16', Buffer.from('kind: X', 'utf16le')],
    ['UTF-16', Buffer.from('kind: X', 'utf16le').swap16()],
    ['UTF-32', bytes(0xff, 0xfe, 0, 0)],
    ['UTF-32', bytes(0, 0, 0xfe, 0xff)],
  ])('X2 tells %s', (name, given) => {
    expect(() => utf8Text(given, 'x.yaml')).toThrow(`x.yaml is ${name} text, not UTF-8`);
  });

  it('X2 finds an offset in whatever the decoder refuses', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (given) => {
        let refused = false;
        try {
          new TextDecoder('utf-8', { fatal: true }).decode(given);
        } catch {
          refused = true;
        }
        if (refused) expect(() => utf8Text(given, 'it')).toThrow(/offset \d+|UTF-16|UTF-32/u);
      }),
    );
  });
});
