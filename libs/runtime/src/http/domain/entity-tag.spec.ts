import { describe, expect, it } from '@jest/globals';
import { entityTag, namesTag } from './entity-tag.js';

describe('namesTag', () => {
  it.each([
    ['"7"', true],
    ['W/"7"', true],
    ['"6", "7"', true],
    ['*', true],
    ['"77"', false],
    ['7', false],
    ['', false],
  ])('%s', (header, named) => {
    expect(namesTag(header, entityTag(7))).toBe(named);
  });
});

it('tells answers of one version apart by a mark', () => {
  expect(entityTag(7, 'ab')).toBe('"7-ab"');
  expect(namesTag('"7-ab"', entityTag(7, 'ac'))).toBe(false);
});
