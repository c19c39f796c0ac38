import { describe, expect, it } from '@jest/globals';
import { canonicalJson, keyOf, refKey, sha256FirstByte, sha256Hex } from '@signalbox/contracts';
import fc from 'fast-check';
import { ConfigDigest, configDigest, resourceDigest } from './config-digest.js';
import { PROVENANCE } from './provenance.js';
import { claim, domain } from './resources.fixture.js';

describe('the configuration digest', () => {
  it('is what ADR 0003 says', () => {
    const resources = [claim('a'), claim('b'), domain('edge')];
    const buckets = Array.from({ length: 256 }, (_, byte) => {
      const lines = resources
        .filter((resource) => sha256FirstByte(keyOf(resource)) === byte)
        .map((resource) => `${keyOf(resource)}\u0000${sha256Hex(canonicalJson(resource))}\n`);
      return sha256Hex(lines.sort().join(''));
    });
    expect(configDigest(resources)).toBe(sha256Hex(buckets.join('')));
  });

  it('does not change its value between releases', () => {
    expect(configDigest([])).toBe('b043621ad25433d75343f31616b71f9f0439021a5ff72de369e33e82bd8d7583');
    expect(configDigest([claim('a'), claim('b'), domain('edge')])).toBe(
      'e2918d7f46c873cf643640de2d37e2cd67904cf71bfdf1ad867e8ee4f0914257',
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
