import { describe, expect, it } from '@jest/globals';
import { validateResource } from '../validate.js';
import { kindOf, KNOWN_KINDS } from './registry.js';
import { sample, type SampleKind, samples, wrongFields } from './sample-resources.fixture.js';

type Case = [what: string, kind: SampleKind, change: Record<string, unknown>, pointer: string];

describe('known kinds', () => {
  it.each(samples().map((resource) => [resource.kind, resource] as const))(
    'accept a valid %s',
    (_kind, resource) => {
      expect(validateResource(resource)).toEqual(resource);
    },
  );

  it('are found by apiVersion and kind', () => {
    for (const kind of KNOWN_KINDS) expect(kindOf(kind.apiVersion, kind.kind)).toBe(kind);
    expect(kindOf('example.net/v1', 'EventGroup')).toBeUndefined();
    expect(kindOf('federation.routerd.net/v1alpha1', 'HealthCheck')).toBeUndefined();
  });

  it.each(KNOWN_KINDS.map(({ apiVersion, kind }) => [kind as SampleKind, apiVersion] as const))(
    'refuse %s under another version or group of its domain',
    (kind, own) => {
      const [group = ''] = own.split('/');
      const domain = group.split('.').slice(1).join('.');
      expect(wrongFields(kind, { apiVersion: `${group}/v1beta1` })).toContain('/apiVersion');
      expect(wrongFields(kind, { apiVersion: `other.${domain}/v1alpha1` })).toContain('/apiVersion');
    },
  );

  it.each(samples().map(({ kind }) => kind as SampleKind))(
    '%s refuses every unknown field by its name',
    (kind) => {
      expect(wrongFields(kind, { spec: { retained: { maxAge: '24h' } } })).toEqual(['/spec/retained']);
      expect(() => validateResource(sample(kind, { spec: { whenever: {} } }))).toThrow(
        /\/spec\/whenever .*this version does not know the field "whenever"/,
      );
    },
  );
});

describe('T23 a secret is required', () => {
  it('when the group listens', () => {
    expect(wrongFields('EventGroup', { spec: { auth: null } })).toEqual(['/spec/auth/secretFile']);
    expect(wrongFields('EventGroup', { spec: { auth: { secretFile: null } } })).toEqual([
      '/spec/auth/secretFile',
    ]);
  });

  it('but not for a group that is identity only', () => {
    expect(wrongFields('EventGroup', { spec: { auth: null, listen: null } })).toEqual([]);
    expect(
      wrongFields('EventGroup', { spec: { auth: { mode: 'hmac', secretFile: null }, listen: null } }),
    ).toEqual([]);
  });
});

describe('T24 validation negatives', () => {
  const cases: Case[] = [
    ['no groupRef', 'EventPeer', { spec: { groupRef: null } }, '/spec/groupRef'],
    ['no peer nodeName', 'EventPeer', { spec: { nodeName: null } }, '/spec/nodeName'],
    ['no endpoint', 'EventPeer', { spec: { endpoint: null } }, '/spec/endpoint'],
    ['a blank endpoint', 'EventPeer', { spec: { endpoint: ' ' } }, '/spec/endpoint'],
    ['an endpoint that is no URL', 'EventPeer', { spec: { endpoint: '10.0.0.1:8787' } }, '/spec/endpoint'],
    [
      'an endpoint of another scheme',
      'EventPeer',
      { spec: { endpoint: 'nats://10.0.0.1' } },
      '/spec/endpoint',
    ],
    [
      'an endpoint with a query',
      'EventPeer',
      { spec: { endpoint: 'http://10.0.0.1/?a=1' } },
      '/spec/endpoint',
    ],
    ['an endpoint with a bare ?', 'EventPeer', { spec: { endpoint: 'http://10.0.0.1/?' } }, '/spec/endpoint'],
    [
      'an endpoint with a password',
      'EventPeer',
      { spec: { endpoint: 'http://a:b@10.0.0.1' } },
      '/spec/endpoint',
    ],
    ['direction pull', 'EventPeer', { spec: { direction: 'pull' } }, '/spec/direction'],
    ['a blank type', 'EventPeer', { spec: { types: ['a', ' '] } }, '/spec/types/1'],
    ['a blank prefix', 'EventPeer', { spec: { subjectPrefixes: [''] } }, '/spec/subjectPrefixes/0'],
    [
      'peers derived from something else',
      'EventGroup',
      { spec: { peersFrom: [{ resource: 'EventPeer/a' }] } },
      '/spec/peersFrom/0/resource',
    ],
    ['no nodeName', 'EventGroup', { spec: { nodeName: null } }, '/spec/nodeName'],
    ['a nodeName that is no DNS name', 'EventGroup', { spec: { nodeName: 'a b' } }, '/spec/nodeName'],
    ['a name that is no label', 'EventGroup', { metadata: { name: 'Cloud.Edge' } }, '/metadata/name'],
    ['an unknown auth mode', 'EventGroup', { spec: { auth: { mode: 'tls' } } }, '/spec/auth/mode'],
    ['a blank secret file', 'EventGroup', { spec: { auth: { secretFile: '' } } }, '/spec/auth/secretFile'],
    [
      'a port without an address',
      'EventGroup',
      { spec: { listen: { address: null } } },
      '/spec/listen/address',
    ],
    ['an address without a port', 'EventGroup', { spec: { listen: { port: null } } }, '/spec/listen/port'],
    ['a blank address', 'EventGroup', { spec: { listen: { address: '' } } }, '/spec/listen/address'],
    ['port 0', 'EventGroup', { spec: { listen: { port: 0 } } }, '/spec/listen/port'],
    ['port 65536', 'EventGroup', { spec: { listen: { port: 65536 } } }, '/spec/listen/port'],
    ['a port as text', 'EventGroup', { spec: { listen: { port: '80' } } }, '/spec/listen/port'],
    ['a bad replay window', 'EventGroup', { spec: { replayWindow: '5' } }, '/spec/replayWindow'],
    ['a member that is no node name', 'EventGroup', { spec: { members: ['-'] } }, '/spec/members/0'],
  ];
  it.each(cases)('refuses %s', (_what, kind, change, pointer) => {
    expect(wrongFields(kind, change)).toEqual([pointer]);
  });

  it('accepts what it must not refuse', () => {
    expect(wrongFields('EventPeer', { spec: { endpoint: 'https://edge.example.net/base/' } })).toEqual([]);
    expect(wrongFields('EventPeer', { spec: { direction: '', types: [] } })).toEqual([]);
    expect(wrongFields('EventGroup', { spec: { listen: { address: '::1' } } })).toEqual([]);
  });
});

describe('S16 schema negatives', () => {
  const cases: Case[] = [
    ['no groupRef', 'EventSubscription', { spec: { groupRef: null } }, '/spec/groupRef'],
    ['a blank groupRef', 'EventSubscription', { spec: { groupRef: '\t' } }, '/spec/groupRef'],
    ['no match', 'EventSubscription', { spec: { match: null } }, '/spec/match'],
    ['no types', 'EventSubscription', { spec: { match: { types: null } } }, '/spec/match/types'],
    ['empty types', 'EventSubscription', { spec: { match: { types: [] } } }, '/spec/match/types'],
    ['a blank type', 'EventSubscription', { spec: { match: { types: [''] } } }, '/spec/match/types/0'],
    ['a misspelt field', 'EventSubscription', { spec: { match: { typess: [] } } }, '/spec/match/typess'],
    [
      'a blank prefix',
      'EventSubscription',
      { spec: { match: { subjectPrefixes: [' '] } } },
      '/spec/match/subjectPrefixes/0',
    ],
    [
      'a blank payload key',
      'EventSubscription',
      { spec: { match: { payload: { ' ': 'a' } } } },
      '/spec/match/payload/ ',
    ],
    [
      'a payload number',
      'EventSubscription',
      { spec: { match: { payload: { 'a/b': 1 } } } },
      '/spec/match/payload/a~1b',
    ],
    [
      'a source that is no node',
      'EventSubscription',
      { spec: { match: { sourceNodes: ['a b'] } } },
      '/spec/match/sourceNodes/0',
    ],
    ['no trigger', 'EventSubscription', { spec: { trigger: null } }, '/spec/trigger'],
    [
      'no pluginRef',
      'EventSubscription',
      { spec: { trigger: { pluginRef: null } } },
      '/spec/trigger/pluginRef',
    ],
    [
      'a bad batch window',
      'EventSubscription',
      { spec: { trigger: { batchWindow: '1' } } },
      '/spec/trigger/batchWindow',
    ],
    [
      'a bad debounce',
      'EventSubscription',
      { spec: { trigger: { debounce: 'x' } } },
      '/spec/trigger/debounce',
    ],
    [
      'no type that retracts',
      'EventSubscription',
      { spec: { retract: { types: [] } } },
      '/spec/retract/types',
    ],
    [
      'a type that starts and retracts',
      'EventSubscription',
      { spec: { retract: { types: ['a', 'routerd.client.ipv4.observed'] } } },
      '/spec/retract/types/1',
    ],
    [
      'a grace of more than a day',
      'EventSubscription',
      { spec: { retract: { types: ['a'], grace: '24h1s' } } },
      '/spec/retract/grace',
    ],
    [
      'no concurrency',
      'EventSubscription',
      { spec: { trigger: { concurrency: 0 } } },
      '/spec/trigger/concurrency',
    ],
    [
      'half a concurrency',
      'EventSubscription',
      { spec: { trigger: { concurrency: 1.5 } } },
      '/spec/trigger/concurrency',
    ],
    ['no attempts', 'EventSubscription', { spec: { retry: { maxAttempts: 0 } } }, '/spec/retry/maxAttempts'],
    ['a bad back-off', 'EventSubscription', { spec: { retry: { backoff: '1' } } }, '/spec/retry/backoff'],
    [
      'a negative back-off',
      'EventSubscription',
      { spec: { retry: { backoff: '-1s' } } },
      '/spec/retry/backoff',
    ],
    [
      'a back-off over its maximum',
      'EventSubscription',
      { spec: { retry: { backoff: '2m' } } },
      '/spec/retry/maxBackoff',
    ],
    [
      'a back-off over the default maximum',
      'EventSubscription',
      { spec: { retry: { backoff: '2m', maxBackoff: null } } },
      '/spec/retry/backoff',
    ],
  ];
  it.each(cases)('refuses %s', (_what, kind, change, pointer) => {
    expect(wrongFields(kind, change)).toEqual([pointer]);
  });
});

describe('P6 manifest negatives', () => {
  const context = (ref: Record<string, unknown>) => ({ spec: { context: { resources: [ref] } } });
  const persistent = (recycle: Record<string, unknown>) => ({ spec: { mode: 'persistent', recycle } });
  const secrets = (...given: Record<string, unknown>[]) => ({ spec: { secrets: given } });
  const file = '/etc/signalbox/key';
  const cases: Case[] = [
    ['no executable', 'Plugin', { spec: { executable: null } }, '/spec/executable'],
    ['a relative path', 'Plugin', { spec: { executable: 'bin/run' } }, '/spec/executable'],
    ['a bad timeout', 'Plugin', { spec: { timeout: 'soon' } }, '/spec/timeout'],
    ['a timeout of nothing', 'Plugin', { spec: { timeout: '0s' } }, '/spec/timeout'],
    ['a timeout no timer can wait', 'Plugin', { spec: { timeout: '600h' } }, '/spec/timeout'],
    ['an unknown capability', 'Plugin', { spec: { capabilities: ['rule.world'] } }, '/spec/capabilities/0'],
    [
      'a context without a name',
      'Plugin',
      context({ apiVersion: 'a/v1', kind: 'B' }),
      '/spec/context/resources/0/name',
    ],
    [
      'a context with a blank kind',
      'Plugin',
      context({ apiVersion: 'a/v1', kind: '', name: 'c' }),
      '/spec/context/resources/0/kind',
    ],
    [
      'an interval without a time',
      'Plugin',
      { spec: { triggers: [{ type: 'interval' }] } },
      '/spec/triggers/0/every',
    ],
    ['a blank variable', 'Plugin', { spec: { env: { '': 'a' } } }, '/spec/env/'],
    ['a variable with =', 'Plugin', { spec: { env: { 'A=B': 'a' } } }, '/spec/env/A=B'],
    ['a variable that is no text', 'Plugin', { spec: { env: { A: 1 } } }, '/spec/env/A'],
    ['a short digest', 'Plugin', { spec: { sha256: 'abc' } }, '/spec/sha256'],
    ['no processes', 'Plugin', { spec: { concurrency: 0 } }, '/spec/concurrency'],
    ['an unknown mode', 'Plugin', { spec: { mode: 'grpc' } }, '/spec/mode'],
    ['recycling without a mode', 'Plugin', { spec: { recycle: {} } }, '/spec/recycle'],
    [
      'recycling one-shot processes',
      'Plugin',
      { spec: { mode: 'oneshot', recycle: { runs: 5 } } },
      '/spec/recycle',
    ],
    ['recycling after no run', 'Plugin', persistent({ runs: 0 }), '/spec/recycle/runs'],
    ['recycling after half a run', 'Plugin', persistent({ runs: 1.5 }), '/spec/recycle/runs'],
    ['recycling after too many runs', 'Plugin', persistent({ runs: 1_000_001 }), '/spec/recycle/runs'],
    ['recycling at no age', 'Plugin', persistent({ after: '0s' }), '/spec/recycle/after'],
    ['recycling by another rule', 'Plugin', persistent({ errors: 3 }), '/spec/recycle/errors'],
    ['a secret without a name', 'Plugin', secrets({ file }), '/spec/secrets/0/name'],
    ['a secret without a file', 'Plugin', secrets({ name: 'key' }), '/spec/secrets/0/file'],
    ['a secret of a relative path', 'Plugin', secrets({ name: 'key', file: 'key' }), '/spec/secrets/0/file'],
    ['a secret in capitals', 'Plugin', secrets({ name: 'Key', file }), '/spec/secrets/0/name'],
    ['a secret with _', 'Plugin', secrets({ name: 'api_key', file }), '/spec/secrets/0/name'],
    ['a secret that ends in -', 'Plugin', secrets({ name: 'key-', file }), '/spec/secrets/0/name'],
    ['a long name of a secret', 'Plugin', secrets({ name: 'k'.repeat(64), file }), '/spec/secrets/0/name'],
    ['a value', 'Plugin', secrets({ name: 'key', file, value: 'hunter2' }), '/spec/secrets/0/value'],
    [
      'two secrets of one name',
      'Plugin',
      secrets({ name: 'key', file }, { name: 'other', file }, { name: 'key', file: '/etc/other' }),
      '/spec/secrets/2/name',
    ],
    [
      'too many secrets',
      'Plugin',
      secrets(...Array.from({ length: 17 }, (_, at) => ({ name: `key-${at}`, file }))),
      '/spec/secrets',
    ],
  ];
  it.each(cases)('refuses %s', (_what, kind, change, pointer) => {
    expect(wrongFields(kind, change)).toEqual([pointer]);
  });

  it.each([
    { mode: 'oneshot' },
    { mode: 'persistent' },
    { mode: 'persistent', recycle: {} },
    { mode: 'persistent', recycle: { runs: 1, after: '1m30s' } },
    { secrets: [] },
    { secrets: Array.from({ length: 16 }, (_, at) => ({ name: `${at}-${'k'.repeat(60)}`, file })) },
  ])('accepts %j', (spec) => {
    expect(wrongFields('Plugin', { spec })).toEqual([]);
  });
});

describe('hybrid kinds', () => {
  const claim = 'RemoteAddressClaim';
  const capture = (change: Record<string, unknown>) => ({ spec: { capture: change } });
  const cases: Case[] = [
    ['an IPv6 domain', 'AddressMobilityDomain', { spec: { prefix: '2001:db8::/64' } }, '/spec/prefix'],
    ['a domain without a length', 'AddressMobilityDomain', { spec: { prefix: '10.0.0.0' } }, '/spec/prefix'],
    ['a full layer 2', 'AddressMobilityDomain', { spec: { mode: 'full-l2' } }, '/spec/mode'],
    ['a claim of more than one address', claim, { spec: { address: '10.88.60.0/31' } }, '/spec/address'],
    ['a claim without a length', claim, { spec: { address: '10.88.60.9' } }, '/spec/address'],
    ['a claim of no address', claim, { spec: { address: '10.88.60.256/32' } }, '/spec/address'],
    ['an unknown owner side', claim, { spec: { ownerSide: 'edge' } }, '/spec/ownerSide'],
    ['a reserved capture', claim, capture({ type: 'garp' }), '/spec/capture/type'],
    ['a capture without a provider', claim, capture({ providerRef: null }), '/spec/capture/providerRef'],
    ['a capture with a blank mode', claim, capture({ providerMode: ' ' }), '/spec/capture/providerMode'],
    ['a capture without a nic', claim, capture({ nicRef: null }), '/spec/capture/nicRef'],
    [
      'configuring the address perhaps',
      claim,
      capture({ configureOSAddress: 'true' }),
      '/spec/capture/configureOSAddress',
    ],
    ['proxy-arp without an interface', claim, capture({ type: 'proxy-arp' }), '/spec/capture/interface'],
    [
      'vrrp without an address',
      claim,
      capture({ activeWhen: { type: 'vrrp-master' } }),
      '/spec/capture/activeWhen/virtualAddressRef',
    ],
    [
      'an address without vrrp',
      claim,
      capture({ activeWhen: { virtualAddressRef: 'a' } }),
      '/spec/capture/activeWhen/virtualAddressRef',
    ],
    ['no delivery peer', claim, { spec: { delivery: { peerRef: null } } }, '/spec/delivery/peerRef'],
    ['an unknown delivery', claim, { spec: { delivery: { mode: 'push' } } }, '/spec/delivery/mode'],
    ['an unknown role', 'OverlayPeer', { spec: { role: 'edge' } }, '/spec/role'],
    ['no node', 'OverlayPeer', { spec: { nodeID: null } }, '/spec/nodeID'],
    ['an unknown underlay', 'OverlayPeer', { spec: { underlay: { type: 'vxlan' } } }, '/spec/underlay/type'],
    [
      'wireguard without a device',
      'OverlayPeer',
      { spec: { underlay: { interface: null } } },
      '/spec/underlay/interface',
    ],
    [
      'an underlay address that is none',
      'OverlayPeer',
      { spec: { underlay: { address: 'a' } } },
      '/spec/underlay/address',
    ],
    [
      'fragmenting without a device',
      'OverlayPeer',
      { spec: { underlay: { type: 'ipsec' } } },
      '/spec/pathMTU/forceFragmentIPv4',
    ],
    ['an unknown provider', 'CloudProviderProfile', { spec: { provider: 'netns' } }, '/spec/provider'],
    ['no capabilities', 'CloudProviderProfile', { spec: { capabilities: [] } }, '/spec/capabilities'],
    ['no auth', 'CloudProviderProfile', { spec: { auth: null } }, '/spec/auth'],
    ['another auth', 'CloudProviderProfile', { spec: { auth: { mode: 'password' } } }, '/spec/auth/mode'],
    ['no command', 'CloudProviderProfile', { spec: { auth: { command: null } } }, '/spec/auth/command'],
  ];
  it.each(cases)('refuse %s', (_what, kind, change, pointer) => {
    expect(wrongFields(kind, change)).toEqual([pointer]);
  });

  it('accept proxy-arp with an interface', () => {
    const spec = {
      capture: { type: 'proxy-arp', interface: 'eth0', providerRef: null, providerMode: null, nicRef: null },
    };
    expect(wrongFields(claim, { spec })).toEqual([]);
  });
});
