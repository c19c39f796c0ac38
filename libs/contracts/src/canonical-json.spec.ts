import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, digestOf, sha256FirstByte, sha256Hex } from './canonical-json.js';

/** JSON as it is parsed: no -0, which JSON text cannot tell from 0. */
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);

describe('canonicalJson', () => {
  it('parses back to the same value', () => {
    fc.assert(fc.property(json, (value) => expect(JSON.parse(canonicalJson(value))).toEqual(value)));
  });

  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), (value) => {
        expect(canonicalJson(Object.fromEntries(Object.entries(value).reverse()))).toBe(canonicalJson(value));
      }),
    );
  });

  it('sorts by code units, leaves undefined out and keeps every name as data', () => {
    const value: unknown = JSON.parse('{"b":1,"a":{"__proto__":{"x":1},"constructor":2},"B":[null]}');
    expect(canonicalJson(value)).toBe('{"B":[null],"a":{"__proto__":{"x":1},"constructor":2},"b":1}');
    expect(canonicalJson({ b: undefined, a: [undefined] })).toBe('{"a":[null]}');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, Symbol('a')])('refuses %p', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError);
  });
});

it('digests are sha256 of the canonical text', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(sha256FirstByte('abc')).toBe(0xba);
  expect(digestOf({ b: 1, a: 2 })).toBe(sha256Hex('{"a":2,"b":1}'));
});
