import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStrictJson } from './strict-json.js';

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(0, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is not led astray by colons, quotes and backslashes in texts', () => {
    const value = { 'a":': '":\\', 'b\\': ['\\"', ':', '\\\\'], __proto__x: ':' };
    expect(parseStrictJson(JSON.stringify(value))).toEqual(value);
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '[{"b":{"c":1,"c":2}}]',
    '{"__proto__":1,"__proto__":2}',
    '{"a":1} x',
    '{',
    '',
  ])('refuses %s', (text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError);
  });

  it('is not exhausted by depth', () => {
    const depth = 100_000;
    expect(parseStrictJson('['.repeat(depth) + ']'.repeat(depth))).toHaveLength(1);
  });
});
