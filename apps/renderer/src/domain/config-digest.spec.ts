import { describe, expect, it } from '@jest/globals';
import { canonicalJson, keyOf, refKey, sha256Hex } from '@signalbox/contracts';
import fc from 'fast-check';
import { ConfigDigest, configDigest, resourceDigest } from './config-digest.js';
import { PROVENANCE } from './provenance.js';
import { claim, domain } from './resources.fixture.js';

describe('the configuration digest', () => {
  it('is what ADR 0015 says', () => {
    const resources = Array.from({ length: 40 }, (_, n) => claim(`c${n}`));
    const leaves = new Map<string, string[]>();
    for (const resource of resources) {
      const place = sha256Hex(keyOf(resource)).slice(0, 3);
      const line = `${keyOf(resource)}\u0000${sha256Hex(canonicalJson(resource))}\n`;
      leaves.set(place, [...(leaves.get(place) ?? []), line]);
    }
    const nodeAt = (place: string): string => {
      const lines = leaves.get(place);
      if (lines) return sha256Hex(lines.sort().join(''));
      if (![...leaves.keys()].some((leaf) => leaf.startsWith(place))) return '';
      const digits = Array.from({ length: 16 }, (_, digit) => digit.toString(16));
      return sha256Hex(digits.map((digit) => `${nodeAt(place + digit)}\n`).join(''));
    };
    expect(configDigest(resources)).toBe(nodeAt(''));
  });

  it('does not change its value between releases', () => {
    expect(configDigest([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(configDigest([claim('a'), claim('b'), domain('edge')])).toBe(
      'b8fab0f3eefd9bdeea11fa3b99a9d865c20564c975ca639764b07dce0e0c328c',
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
