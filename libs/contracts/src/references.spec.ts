import { describe, expect, it } from '@jest/globals';
import { sample, type SampleKind, samples } from './kinds/sample-resources.fixture.js';
import { checkReferences, checkSet, lookupIn, referenceErrors } from './references.js';
import { keyOf, refOf, type Resource } from './resource.js';

function setOf(...resources: Resource[]): Map<string, Resource> {
  return new Map(resources.map((resource) => [keyOf(resource), resource]));
}

/** References of one resource among others that are wrong. */
function errorsIn(
  resource: Resource,
  set: ReadonlyMap<string, Resource>,
): ReturnType<typeof referenceErrors> {
  return referenceErrors(resource, lookupIn(set)(resource));
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
    const { apiVersion } = sample(target);
    expect(errorsIn(sample(kind), setOf(...without(target)))).toEqual([
      {
        pointer,
        message: `${target}/sample does not exist: declare it or correct the name`,
        missing: { apiVersion, kind: target, project: 'default', name: 'sample' },
      },
    ]);
  });

  it('of a subscription to its plugin and of a plugin to its context may be absent', () => {
    const set = setOf(...without('Plugin'));
    expect(errorsIn(sample('EventSubscription'), set)).toEqual([]);
    expect(errorsIn(sample('Plugin'), set)).toEqual([]);
  });

  it('T23 an EventPeer needs a group with a secret file', () => {
    const group = sample('EventGroup', { spec: { auth: null, listen: null } });
    const errors = errorsIn(sample('EventPeer'), setOf(group));
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/spec/groupRef']);
  });

  it('a claim lies inside the prefix of its domain', () => {
    const set = setOf(...samples());
    const outside = sample('RemoteAddressClaim', { spec: { address: '10.88.61.9/32' } });
    expect(errorsIn(outside, set)).toEqual([
      { pointer: '/spec/address', message: 'lies outside 10.88.60.0/24 of AddressMobilityDomain/sample' },
    ]);
    const all = sample('AddressMobilityDomain', { spec: { prefix: '0.0.0.0/0' } });
    expect(errorsIn(outside, setOf(...without('AddressMobilityDomain'), all))).toEqual([]);
  });

  it('of many are told by index', () => {
    const errors = checkReferences([sample('Plugin'), sample('EventPeer')], lookupIn(new Map()));
    expect(errors.map(({ pointer }) => pointer)).toEqual(['/1/spec/groupRef']);
  });
});

describe('checkSet', () => {
  it('finds who still refers to something deleted', () => {
    const group = sample('EventGroup');
    expect(told(checkSet(setOf(...without('EventGroup')), [refOf(group)]))).toEqual([
      'EventPeer/sample /spec/groupRef',
      'FederationSLO/sample /spec/groupRef',
      'EventSubscription/sample /spec/groupRef',
      'BackendSource/sample /spec/facts/group',
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
