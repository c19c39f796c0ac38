import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { otherLicences } from './licences.mjs';
import { productionPackages, sourceTime } from './manifest.mjs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

describe('productionPackages', () => {
  const of = (packages, options) => productionPackages({ packages: { '': {}, ...packages } }, options);

  it('is what runs: nothing of development, and what only some systems have only when that is wanted', () => {
    const packages = {
      'node_modules/b': {},
      'node_modules/a': {},
      'node_modules/a/node_modules/b': {},
      'node_modules/test': { dev: true },
      'node_modules/both': { devOptional: true },
      'node_modules/binary': { optional: true },
    };
    expect(of(packages)).toEqual(['node_modules/a', 'node_modules/a/node_modules/b', 'node_modules/b']);
    expect(of(packages, { optional: true })).toContain('node_modules/binary');
  });

  it('has every dependency of the product', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
    const places = productionPackages(lock);
    for (const name of Object.keys(dependencies)) expect(places).toContain(`node_modules/${name}`);
    expect(places).not.toContain('node_modules/jest');
  });
});

describe('sourceTime', () => {
  it('is what the environment says, else not in the future', () => {
    expect(sourceTime({ SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000);
    expect(sourceTime({ SOURCE_DATE_EPOCH: 'yesterday' })).toBeLessThanOrEqual(Date.now() / 1000);
  });
});

describe('licences', () => {
  it('of all packages, also those of development, are permissive', () => {
    expect(otherLicences(lock)).toEqual([]);
  });

  it('are read as they are written', () => {
    const packages = {
      '': {},
      'node_modules/a': { version: '1.0.0', license: '(GPL-3.0 OR MIT)' },
      'node_modules/b': { version: '1.0.0', license: 'MIT AND GPL-3.0' },
      'node_modules/c': { version: '1.0.0' },
    };
    expect(otherLicences({ packages })).toEqual(['b@1.0.0: MIT AND GPL-3.0', 'c@1.0.0: none']);
  });
});
