import { expect, it } from '@jest/globals';
import { sourceDirectory } from './source-directory.js';

it('gives each project but default a directory of its own', () => {
  expect(sourceDirectory('/sources', 'default')).toBe('/sources');
  expect(sourceDirectory('/sources', 'shop')).toBe('/sources/projects/shop');
});
