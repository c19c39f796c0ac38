import { describe, expect, it } from '@jest/globals';
import { canonicalJson, keyOf, PROVENANCE, refKey, sha256Hex } from '@signalbox/contracts';
import fc from 'fast-check';
import { ConfigDigest, configDigest, resourceDigest } from './config-digest.js';
import { claim, domain } from './resources.fixture.js';

describe('the configuration digest', () => {
  it.each([8, 9, 40, 500])('is what ADR 0017 says, of %i resources', (count) => {
    const resources = Array.from({ length: count }, (_, n) => claim(`c${n}`));
    const digestBelow = (prefix: string): string => {
      const own = resources.filter((resource) => sha256Hex(keyOf(resource)).startsWith(prefix));
      if (own.length === 0) return '';
      const lines = own.map((one) => `${keyOf(one)}\u0000${sha256Hex(canonicalJson(one))}\n`).sort();
      const digits = Array.from({ length: 16 }, (_, digit) => digit.toString(16));
      const below = (): string[] => digits.map((digit) => `${digestBelow(prefix + digit)}\n`);
      return sha256Hex((own.length <= 8 ? lines : below()).join(''));
    };
    expect(configDigest(resources)).toBe(digestBelow(''));
  });

  it('does not change its value between releases', () => {
    expect(configDigest([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(configDigest([claim('a'), claim('b'), domain('edge')])).toBe(
      'f799da7ae2d187c9865080a52c84397f82b29bc51d47a33d41d12d1e30f8f79a',
    );
  });

  it('ignores the four provenance annotations and nothing else', () => {
    const forged = { [PROVENANCE.owner]: 'x', [PROVENANCE.factIds]: 'y' };
    expect(resourceDigest(claim('a', { annotations: forged }))).toBe(resourceDigest(claim('a')));
    expect(resourceDigest(claim('a', { annotations: { ...forged, note: 'z' } }))).not.toBe(
      resourceDigest(claim('a')),
    );
  });

  it('is the same incrementally, in any order, after any changes', () => {
    const names = fc.integer({ min: 0, max: 400 }).map((index) => `c${index}`);
    const changes = fc.array(fc.tuple(names, fc.option(fc.constantFrom('10.0.0.1/32', '10.0.0.2/32'))), {
      maxLength: 300,
      size: 'max',
    });
    fc.assert(
      fc.property(changes, fc.boolean(), (list, reading) => {
        const digest = new ConfigDigest();
        const is = new Map<string, ReturnType<typeof claim>>();
        for (const [name, address] of list) {
          const resource = claim(name, { address: address ?? '' });
          if (address === null) is.delete(name);
          else is.set(name, resource);
          if (address === null) digest.delete(keyOf(resource));
          else digest.set(keyOf(resource), resourceDigest(resource));
          if (reading) digest.value();
        }
        expect(digest.value()).toBe(configDigest(is.values()));
        expect(configDigest([...is.values()].reverse())).toBe(digest.value());
        expect(digest.size).toBe(is.size);
      }),
      { numRuns: 50 },
    );
  });

  it('tells apart what only the line between key and digest separates', () => {
    const ref = { apiVersion: 'v1', kind: 'K', project: 'default', name: 'n' };
    const one = new ConfigDigest();
    one.set(refKey(ref), 'a'.repeat(64));
    const other = new ConfigDigest();
    other.set(refKey(ref), 'b'.repeat(64));
    expect(one.value()).not.toBe(other.value());
  });
});
