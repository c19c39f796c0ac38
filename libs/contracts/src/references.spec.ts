import { describe, expect, it } from '@jest/globals';
import type { ResourceLookup } from './kinds/kind.js';
import { sample, type SampleKind, samples } from './kinds/sample-resources.fixture.js';
import { checkReferences, checkSet, referenceErrors } from './references.js';
import { keyOf, refKey, refOf, type Resource } from './resource.js';

function setOf(...resources: Resource[]): Map<string, Resource> {
  return new Map(resources.map((resource) => [keyOf(resource), resource]));
}

function lookupIn(set: ReadonlyMap<string, Resource>): ResourceLookup {
  return (apiVersion, kind, name) => set.get(refKey({ apiVersion, kind, project: 'default', name }));
}

function told(found: ReturnType<typeof checkSet>): string[] {
  return found.flatMap(({ ref, errors }) =>
    errors.map(({ pointer }) => `${ref.kind}/${ref.name} ${pointer}`),
  );
}

const without = (kind: SampleKind) => samples().filter((resource) => resource.kind !== kind);

describe('references', () => {
  it('are complete in the samples', () => {
    const set = setOf(...samples());
    expect(checkReferences(samples(), lookupIn(set))).toEqual([]);
    expect(told(checkSet(set, samples().map(refOf)))).toEqual([]);
  });

  it.each<[SampleKind, SampleKind, string]>([
    ['EventPeer', 'EventGroup', '/spec/groupRef'],
    ['EventSubscription', 'EventGroup', '/spec/groupRef'],
    ['AddressMobilityDomain', 'OverlayPeer', '/spec/peerRef'],
    ['RemoteAddressClaim', 'AddressMobilityDomain', '/spec/domainRef'],
    ['RemoteAddressClaim', 'CloudProviderProfile', '/spec/capture/providerRef'],
    ['RemoteAddressClaim', 'OverlayPeer', '/spec/delivery/peerRef'],
  ])('%s needs its %s', (kind, target, pointer) => {
    const lookup = lookupIn(setOf(...without(target)));
    const { apiVersion } = sample(target);
    expect(referenceErrors(sample(kind), lookup)).toEqual([
      {
        pointer,
        message: `${target}/sample does not exist: declare it or correct the name`,
        missing: { apiVersion, kind: target, name: 'sample' },
      },
    ]);
  });

  it('of a subscription to its plugin and of a plugin to its context may be absent', () => {
    const lookup = lookupIn(setOf(...without('Plugin')));
    expect(referenceErrors(sample('EventSubscription'), lookup)).toEqual([]);
    expect(referenceErrors(sample('Plugin'), lookup)).toEqual([]);
  });

  it('T23 an EventPeer needs a group with a secret file', () => {
    const group = sample('EventGroup', { spec: { auth: null, listen: null } });
    expect(
      referenceErrors(sample('EventPeer'), lookupIn(setOf(group))).map(({ pointer }) => pointer),
    ).toEqual(['/spec/groupRef']);
  });

  it('a claim lies inside the prefix of its domain', () => {
    const set = setOf(...samples());
    const outside = sample('RemoteAddressClaim', { spec: { address: '10.88.61.9/32' } });
    expect(referenceErrors(outside, lookupIn(set))).toEqual([
      { pointer: '/spec/address', message: 'lies outside 10.88.60.0/24 of AddressMobilityDomain/sample' },
    ]);
    const all = sample('AddressMobilityDomain', { spec: { prefix: '0.0.0.0/0' } });
    expect(referenceErrors(outside, lookupIn(setOf(...without('AddressMobilityDomain'), all)))).toEqual([]);
  });

  it('of many are told by index', () => {
    const errors = checkReferences([sample('Plugin'), sample('EventPeer')], () => undefined);
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/1/spec/groupRef']);
  });
});

describe('checkSet', () => {
  it('finds who still refers to something deleted', () => {
    const group = sample('EventGroup');
    expect(told(checkSet(setOf(...without('EventGroup')), [refOf(group)]))).toEqual([
      'EventPeer/sample /spec/groupRef',
      'EventSubscription/sample /spec/groupRef',
    ]);
    const domain = sample('AddressMobilityDomain');
    expect(told(checkSet(setOf(...without('AddressMobilityDomain')), [refOf(domain)]))).toEqual([
      'RemoteAddressClaim/sample /spec/domainRef',
    ]);
  });

  it('finds what no longer fits a changed target', () => {
    const domain = sample('AddressMobilityDomain', { spec: { prefix: '10.9.0.0/16' } });
    expect(told(checkSet(setOf(...without('AddressMobilityDomain'), domain), [refOf(domain)]))).toEqual([
      'RemoteAddressClaim/sample /spec/address',
    ]);
  });

  it('leaves alone what has nothing to do with the change', () => {
    const set = setOf(...without('EventGroup'));
    expect(told(checkSet(set, [refOf(sample('Plugin'))]))).toEqual([]);
  });

  it('refuses two EventGroups on one address:port', () => {
    const first = sample('EventGroup', { spec: { listen: { address: '::1' } } });
    const second = sample('EventGroup', {
      metadata: { name: 'second' },
      spec: { listen: { address: '0:0::1' } },
    });
    const set = setOf(first, second);
    expect(checkSet(set, [refOf(second)])).toEqual([
      {
        ref: refOf(second),
        errors: [{ pointer: '/spec/listen', message: 'EventGroup/sample already listens on [::1]:8787' }],
      },
    ]);
    expect(told(checkSet(set, []))).toEqual([]);
    const elsewhere = sample('EventGroup', {
      metadata: { name: 'second' },
      spec: { listen: { port: 8788 } },
    });
    expect(told(checkSet(setOf(first, elsewhere), [refOf(elsewhere)]))).toEqual([]);
    const silent = sample('EventGroup', { metadata: { name: 'third' }, spec: { listen: null } });
    const mute = sample('EventGroup', { metadata: { name: 'fourth' }, spec: { listen: null } });
    expect(told(checkSet(setOf(silent, mute), [refOf(silent)]))).toEqual([]);
  });
});
