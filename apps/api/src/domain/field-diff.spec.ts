import { describe, expect, it } from '@jest/globals';
import { diffFields, LISTED_CHANGES } from './field-diff.js';

describe('diffFields', () => {
  it('finds nothing between equal values, whatever the order of their members', () => {
    expect(diffFields({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 })).toEqual([]);
  });

  it('names the deepest member that differs', () => {
    const from = { spec: { endpoint: 'http://a', tls: { verify: true } } };
    const to = { spec: { endpoint: 'http://b', tls: { verify: true } } };
    expect(diffFields(from, to)).toEqual([{ path: '/spec/endpoint', from: 'http://a', to: 'http://b' }]);
  });

  it('leaves out the side on which a member is absent', () => {
    expect(diffFields({ old: null }, { fresh: 0 })).toEqual([
      { path: '/fresh', to: 0 },
      { path: '/old', from: null },
    ]);
  });

  it('compares list items by position', () => {
    expect(diffFields({ types: ['a', 'b'] }, { types: ['a', 'c', 'd'] })).toEqual([
      { path: '/types/1', from: 'b', to: 'c' },
      { path: '/types/2', to: 'd' },
    ]);
  });

  it('does not compare a list with an object member by member', () => {
    expect(diffFields({ x: ['a'] }, { x: { 0: 'a' } })).toEqual([
      { path: '/x', from: ['a'], to: { 0: 'a' } },
    ]);
  });

  it('escapes member names as JSON Pointers', () => {
    expect(diffFields({}, { 'a/b~c': 1 })).toEqual([{ path: '/a~1b~0c', to: 1 }]);
  });

  it('names whole members when there are too many differences', () => {
    const list = (offset: number): number[] =>
      Array.from({ length: LISTED_CHANGES + 1 }, (_, i) => i + offset);
    const changes = diffFields(
      { spec: { list: list(0), name: 'a' } },
      { spec: { list: list(1), name: 'a' } },
    );
    expect(changes).toEqual([{ path: '/spec/list', from: list(0), to: list(1) }]);
  });
});
