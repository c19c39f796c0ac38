import { describe, expect, it } from '@jest/globals';
import { textPlaces } from './yaml-place.js';

const TEXT = `# peers
---
kind: EventGroup
spec:
  nodeName: a
  members:
    - b
    - name: c
---
---
{"kind": "EventPeer",
 "spec": {"a/b": 1}}
`;

describe('textPlaces', () => {
  const places = textPlaces(TEXT);

  it.each([
    ['/0', 3, 1],
    ['/0/kind', 3, 1],
    ['/0/spec/nodeName', 5, 3],
    ['/0/spec/members/0', 7, 7],
    ['/0/spec/members/1/name', 8, 7],
    ['/0/spec/missing', 4, 1],
    ['/0/spec/members/7', 6, 3],
    ['/0/metadata', 3, 1],
    ['/1', 11, 1],
    ['/1/spec/a~1b', 12, 11],
  ])('X45 %s is line %i, column %i', (pointer, line, column) => {
    expect(places.placeOf(pointer)).toEqual({ line, column });
  });

  it('X45 counts documents as they are read', () => {
    expect(places.documents).toBe(2);
    expect(places.placeOf('/2/spec')).toBeUndefined();
    expect(places.placeOf('')).toBeUndefined();
  });

  it('X45 stops at an alias', () => {
    const { placeOf } = textPlaces('a: &x {b: 1}\nc: *x\n');
    expect(placeOf('/0/c/b')).toEqual({ line: 2, column: 1 });
  });
});
