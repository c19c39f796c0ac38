import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FORMATS } from './schema/formats.js';
import { isSinkKey, sinkKeyOf, sinkValuesDigest, sinkValuesOf } from './sink-keys.js';
import { type Resource, refKey, type ResourceRef } from './resource.js';

const CLAIM = {
  apiVersion: 'hybrid.routerd.net/v1alpha1',
  kind: 'RemoteAddressClaim',
  project: 'default',
  name: 'vm-1',
};

const texts = (alphabet: string, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength });

/** Identities that the schemas let through, of few letters so that they come near to each other. */
const refs: fc.Arbitrary<ResourceRef> = fc.record({
  apiVersion: texts('a1.-/', 7).filter((text) => FORMATS['api-version'].test(text)),
  kind: texts('Ab1', 3).filter((text) => FORMATS.kind.test(text)),
  project: texts('a1-', 3).filter((text) => FORMATS.project.test(text)),
  name: fc
    .oneof(texts('aA_-.*>', 4), fc.string({ maxLength: 9 }))
    .filter((text) => FORMATS['resource-name'].test(text)),
});

describe('the key of a resource in a bucket', () => {
  it('has the group, version, kind, project and name of the resource as tokens', () => {
    expect(sinkKeyOf(CLAIM)).toBe('hybrid_routerd_net.v1alpha1.RemoteAddressClaim.default.vm-1');
    expect(sinkKeyOf({ ...CLAIM, apiVersion: 'v1', name: 'a/b' }, 'site.a')).toMatch(
      /^site\.a\._\.v1\.RemoteAddressClaim\.default\.x-[0-9a-f]{16}$/,
    );
  });

  it('is one that NATS takes, and no two resources share one', () => {
    fc.assert(
      fc.property(refs, refs, (a, b) => {
        for (const ref of [a, b]) {
          expect(sinkKeyOf(ref)).toMatch(/^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){4}$/);
          expect(isSinkKey(sinkKeyOf(ref))).toBe(true);
        }
        expect(sinkKeyOf(a) === sinkKeyOf(b)).toBe(refKey(a) === refKey(b));
      }),
      { numRuns: 2000 },
    );
  });

  it('is told from what somebody else may have there', () => {
    for (const key of ['web', 'a.b.c', 'a.v1.K.default.x.y', 'a.v1.1.default.x', 'a.v1.K.DEFAULT.x'])
      expect(isSinkKey(key)).toBe(false);
  });
});

describe('the digest of a bucket', () => {
  const resource = (name: string): Resource => ({
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name },
    spec: {},
  });

  it('is of keys and values, in whatever order they come', () => {
    const values = sinkValuesOf([resource('a'), resource('b')]);
    const backwards = new Map([...values].reverse());
    expect(sinkValuesDigest(backwards)).toBe(sinkValuesDigest(values));
    expect(sinkValuesDigest(new Map([...values, ['c', 'x']]))).not.toBe(sinkValuesDigest(values));
    expect(values.get('_.v1.Thing.default.a')).toBe(
      '{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"},"spec":{}}',
    );
  });
});
