import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, readScopedName, refOf, refText, scopedName, scopedNameOf } from './resource.js';

const RESOURCE = { apiVersion: 'a/v1', kind: 'Widget', metadata: { name: 'w' }, spec: {} };

it('an identity has project default unless it says otherwise', () => {
  expect(refOf(RESOURCE)).toEqual({ apiVersion: 'a/v1', kind: 'Widget', project: 'default', name: 'w' });
  const explicit = { ...RESOURCE, metadata: { name: 'w', project: 'default' } };
  expect(keyOf(explicit)).toBe(keyOf(RESOURCE));
  expect(refText(refOf(RESOURCE))).toBe('Widget/w');
  expect(refText(refOf({ ...RESOURCE, metadata: { name: 'w', project: 'lab' } }))).toBe('Widget/lab/w');
});

describe('the scoped name', () => {
  const project = fc.oneof(fc.constantFrom('default', 'lab', 'a'), fc.stringMatching(/^[a-z0-9]{1,4}$/));
  const name = fc
    .array(fc.constantFrom('a', 'b', 'lab', 'default', '/', '//', '.', 'ä'), { minLength: 1 })
    .map((parts) => parts.join(''));

  it.each([
    ['default', 'web', 'web'],
    ['lab', 'web', 'lab/web'],
    ['default', 'a/b', 'default/a/b'],
    ['lab', 'a/b', 'lab/a/b'],
  ])('of %s and %s is %s', (...[inProject, called, scoped]) => {
    expect(scopedName(inProject, called)).toBe(scoped);
    expect(scopedNameOf({ ...RESOURCE, metadata: { name: called, project: inProject } })).toBe(scoped);
  });

  it('reads back', () => {
    fc.assert(
      fc.property(project, name, (inProject, called) =>
        expect(readScopedName(scopedName(inProject, called))).toEqual({ project: inProject, name: called }),
      ),
    );
  });

  it('is another one for every other project or name', () => {
    const pair = fc.record({ project, name });
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const isSame = a.project === b.project && a.name === b.name;
        expect(scopedName(a.project, a.name) === scopedName(b.project, b.name)).toBe(isSame);
      }),
    );
  });
});
