import { describe, expect, it } from '@jest/globals';
import { secretBytes, secretText } from './secret-bytes.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('X1 the bytes of a secret', () => {
  it.each([
    ['surrounding ASCII white space', '0a20090b0c0d6b0d0c0b09200a', '6b'],
    ['nothing inside', '6b200a6b', '6b200a6b'],
    ['no byte that is no UTF-8', '0aff00fe800a', 'ff00fe80'],
    ['no U+FFFD in its place', 'efbfbd0a', 'efbfbd'],
    ['no other control characters', '00016b1f1c', '00016b1f1c'],
    ['no NEL and NBSP of Latin-1, as Go', '85a06b85a0', '85a06b85a0'],
    ['no U+0085 and U+00A0 of UTF-8, other than Go', 'c2856bc2a0', 'c2856bc2a0'],
    ['no byte order mark, as Go', 'efbbbf6b', 'efbbbf6b'],
    ['everything when there is nothing else', '200a0d09', ''],
    ['an empty file', '', ''],
  ])('are trimmed of %s', (_what, content, secret) => {
    expect(secretBytes(hex(content)).toString('hex')).toBe(secret);
  });

  it('leaves the bytes it was given alone', () => {
    const content = hex('206b20');
    secretBytes(content).fill(0);
    expect(content.toString('hex')).toBe('206b20');
  });
});

describe('X1 a secret that has to be text', () => {
  it('is read as it is', () => {
    expect(secretText(Buffer.from('\n pässword\u00a0\r\n'), 'the file')).toBe('pässword\u00a0');
    expect(secretText(Buffer.from('\ufeffseed\n'), 'the file')).toBe('seed');
  });

  it('is refused when it is not UTF-8, with the offset in the file', () => {
    expect(() => secretText(hex('0a70ff6b'), '/etc/key')).toThrow(
      expect.objectContaining({
        code: 'bad-text',
        message: expect.stringMatching(/^\/etc\/key .*0xff at offset 2/),
      }),
    );
  });
});
