import { expect, it } from '@jest/globals';
import { keyOf, refOf, refText } from './resource.js';

const RESOURCE = { apiVersion: 'a/v1', kind: 'Widget', metadata: { name: 'w' }, spec: {} };

it('an identity has project default unless it says otherwise', () => {
  expect(refOf(RESOURCE)).toEqual({ apiVersion: 'a/v1', kind: 'Widget', project: 'default', name: 'w' });
  const explicit = { ...RESOURCE, metadata: { name: 'w', project: 'default' } };
  expect(keyOf(explicit)).toBe(keyOf(RESOURCE));
  expect(refText(refOf(RESOURCE))).toBe('Widget/w');
  expect(refText(refOf({ ...RESOURCE, metadata: { name: 'w', project: 'lab' } }))).toBe('Widget/lab/w');
});
