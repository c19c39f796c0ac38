import { describe, expect, it } from '@jest/globals';
import { parseDocuments } from '../bundle.js';
import { CodedError } from '../errors.js';
import { checkSet } from '../references.js';
import { keyOf, refOf, type Resource } from '../resource.js';
import { validateResource } from '../validate.js';
import { ownConditions } from './registry.js';
import { listenPlace } from './event-group.js';
import { sample, type SampleKind, wrongFields } from './sample-resources.fixture.js';
import type { EventGroupSpec } from './specs.js';

const gapsOf = (resource: Resource): string[] =>
  ownConditions(validateResource(resource)).map(
    ({ pointer = '', type, reason }) => `${type} ${reason} ${pointer}`,
  );
const gap = (pointer: string): string => `WithoutEffect accepted-without-effect ${pointer}`;

describe('fields of the reference', () => {
  it.each<[what: string, kind: SampleKind, spec: Record<string, unknown>, told: readonly string[]]>([
    ['a retention without bounds', 'EventGroup', { retention: { maxEvents: 0, maxAge: '' } }, []],
    ['a negative age, which is no bound', 'EventGroup', { retention: { maxAge: '-1h' } }, []],
    [
      'peersFrom',
      'EventGroup',
      { peersFrom: [{ resource: 'SAMNodeSet/a', optional: true }] },
      ['/spec/peersFrom'],
    ],
    ['when', 'EventGroup', { when: { state: 'x' } }, ['/spec/when']],
    ['auth.secretRef', 'EventGroup', { auth: { secretRef: 'edge' } }, ['/spec/auth/secretRef']],
    ['listen {}', 'EventGroup', { listen: { address: null, port: null } }, []],
    ['an empty listen address', 'EventGroup', { listen: { address: '', port: 0 } }, []],
    ['an empty replayWindow', 'EventGroup', { replayWindow: '' }, []],
    ['replayWindow 0s', 'EventGroup', { replayWindow: '0s' }, []],
    ['replayWindow 720h', 'EventGroup', { replayWindow: '720h' }, []],
    ['a nodeName with _', 'EventGroup', { nodeName: 'edge_1' }, []],
    ['Plugin triggers', 'Plugin', { triggers: [{ type: 'interval', every: '30s' }] }, []],
    [
      'Plugin triggers by event',
      'Plugin',
      { triggers: [{ type: 'event', topic: 'events.default.lease.*' }] },
      [],
    ],
    [
      'Plugin triggers by an event that is not a fact',
      'Plugin',
      { triggers: [{ type: 'event', topic: 'routerd.lease.changed' }] },
      ['/spec/triggers/0/topic'],
    ],
    ['batchWindow', 'EventSubscription', { trigger: { batchWindow: '5s' } }, []],
    ['debounce', 'EventSubscription', { trigger: { debounce: '1s' } }, []],
    ['no batching', 'EventSubscription', { trigger: { batchWindow: '', debounce: '0s' } }, []],
    [
      'configureOSAddress',
      'RemoteAddressClaim',
      { capture: { configureOSAddress: true } },
      ['/spec/capture/configureOSAddress'],
    ],
    ['region and account', 'CloudProviderProfile', { region: 'eu-1', account: '42' }, []],
  ])('X10 %s: accepted, and told when it has no effect', (_what, kind, spec, told) => {
    expect(gapsOf(sample(kind, { spec }))).toEqual(told.map(gap));
  });

  it.each<[what: string, kind: SampleKind, spec: Record<string, unknown>, pointer: string]>([
    ['fewer than no events', 'EventGroup', { retention: { maxEvents: -1 } }, '/spec/retention/maxEvents'],
    [
      'an age that is no duration',
      'EventGroup',
      { retention: { maxAge: 'a day' } },
      '/spec/retention/maxAge',
    ],
    [
      'peers of another kind',
      'EventGroup',
      { peersFrom: [{ resource: 'X/a' }] },
      '/spec/peersFrom/0/resource',
    ],
    ['a condition that is a text', 'EventGroup', { when: 'x' }, '/spec/when'],
    ['a window that is no duration', 'EventGroup', { replayWindow: '5' }, '/spec/replayWindow'],
    ['a trigger of another type', 'Plugin', { triggers: [{ type: 'cron' }] }, '/spec/triggers/0/type'],
    [
      'an interval of nothing',
      'Plugin',
      { triggers: [{ type: 'interval', every: '0s' }] },
      '/spec/triggers/0/every',
    ],
    [
      'an interval that is shorter than a second',
      'DynamicConfigSource',
      { triggers: [{ type: 'interval', every: '999ms' }] },
      '/spec/triggers/0/every',
    ],
    ['a ttl of nothing', 'DynamicConfigSource', { ttl: '0s' }, '/spec/ttl'],
    [
      'another merge policy',
      'DynamicConfigSource',
      { mergePolicy: { conflict: 'replace' } },
      '/spec/mergePolicy/conflict',
    ],
    [
      'a debounce that is none',
      'EventSubscription',
      { trigger: { debounce: '1' } },
      '/spec/trigger/debounce',
    ],
  ])('X10 %s: refused by the rule of the reference', (_what, kind, spec, pointer) => {
    expect(wrongFields(kind, { spec })).toEqual([pointer]);
  });

  it('X10 peersFrom needs a secret, as listening does', () => {
    const spec = { peersFrom: [{ resource: 'SAMNodeSet/a' }], auth: null, listen: null };
    expect(wrongFields('EventGroup', { spec })).toEqual(['/spec/auth/secretFile']);
  });

  it.each([{}, { address: '' }, { address: ' ', port: 0 }, { port: 0 }])(
    'X10 listen %j only pushes',
    (listen) => {
      const { spec } = validateResource({ ...sample('EventGroup'), spec: { nodeName: 'a', listen } });
      expect(listenPlace(spec as unknown as EventGroupSpec)).toBeUndefined();
    },
  );

  it.each(['CloudEdge', 'cloud_edge', 'A'])('X10 an EventGroup may be called %s', (name) => {
    expect(validateResource(sample('EventGroup', { metadata: { name } })).metadata.name).toBe(name);
  });

  it('X10 two groups cannot differ by letter case only', () => {
    const groups = ['Edge', 'edge'].map((name) =>
      sample('EventGroup', { metadata: { name }, spec: { listen: null } }),
    );
    const found = checkSet(new Map(groups.map((group) => [keyOf(group), group])), [refOf(groups[1]!)]);
    expect(found).toMatchObject([
      {
        ref: { name: 'edge' },
        errors: [{ pointer: '/metadata/name', message: expect.stringContaining('EventGroup/Edge') }],
      },
    ]);
  });

  it.each([
    ['10', '10'],
    ['010', '010'],
    ['1.0', '1.0'],
    ['1e3', '1e3'],
    ['true', 'true'],
    ['"10"', '10'],
    ['-0', '-0'],
  ])('X10 an unquoted %s in match.payload is what is written', (written, text) => {
    const yaml = `
apiVersion: federation.routerd.net/v1alpha1
kind: EventSubscription
metadata: {name: a}
spec:
  groupRef: g
  match: {types: [a], payload: {vlan: ${written}}}
  trigger: {pluginRef: p}`;
    const [document] = parseDocuments(yaml);
    expect(validateResource(document?.resources[0]).spec['match']).toEqual({
      types: ['a'],
      payload: { vlan: text },
    });
    const inBundle = `{"apiVersion":"routerd.net/v1alpha1","kind":"Router","metadata":{"name":"b"},"spec":{"resources":[
      {"spec":{"match":{"payload":{"vlan":${written === '010' ? '10' : written}}}}}]}}`;
    const [bundle] = parseDocuments(inBundle);
    const vlan = written === '010' ? '10' : text;
    expect(bundle?.resources).toEqual([{ spec: { match: { payload: { vlan } } } }]);
  });

  it('X10 status is accepted and not kept, reconcile of a bundle is told', () => {
    const group = { ...sample('EventGroup'), status: { phase: 'Applied', peers: 3 } };
    expect(validateResource(group)).toEqual(sample('EventGroup'));
    const router = {
      apiVersion: 'routerd.net/v1alpha1',
      kind: 'Router',
      metadata: { name: 'lab' },
      spec: { reconcile: { mode: 'progressive', protectedInterfaces: ['mgmt'] }, resources: [group] },
      status: {},
    };
    const [document] = parseDocuments(JSON.stringify(router));
    expect(document).toMatchObject({ set: 'Router/lab', withoutEffect: [{ pointer: '/spec/reconcile' }] });
  });

  it.each([
    ['config.routerd.net', 'DynamicConfigPart'],
    ['hybrid.routerd.net', 'ProviderActionPolicy'],
    ['mobility.routerd.net', 'MobilityPool'],
  ])('X10 %s %s is kept, and told to do nothing', (group, kind) => {
    const resource = { apiVersion: `${group}/v1alpha1`, kind, metadata: { name: 'a' }, spec: {} };
    expect(gapsOf(resource)).toEqual([gap('/kind')]);
  });

  it.each([
    ['net.routerd.net', 'Interface'],
    ['hybrid.routerd.net', 'TunnelInterface'],
    ['example.net', 'Widget'],
  ])('X10 %s %s is for whoever reads the effective config: nothing to tell', (group, kind) => {
    const resource = { apiVersion: `${group}/v1alpha1`, kind, metadata: { name: 'a' }, spec: {} };
    expect(gapsOf(resource)).toEqual([]);
  });
});

describe('what no fact can be like', () => {
  it.each<[kind: SampleKind, spec: Record<string, unknown>, pointer: string]>([
    ['EventSubscription', { match: { types: ['client.*'] } }, '/spec/match/types/0'],
    ['EventSubscription', { match: { types: ['>'] } }, '/spec/match/types/0'],
    ['EventSubscription', { match: { types: ['a', 'b '] } }, '/spec/match/types/1'],
    ['EventSubscription', { match: { types: ['a'.repeat(201)] } }, '/spec/match/types/0'],
    ['EventSubscription', { match: { types: [Array(17).fill('a').join('.')] } }, '/spec/match/types/0'],
    ['EventSubscription', { match: { subjectPrefixes: [' 10.'] } }, '/spec/match/subjectPrefixes/0'],
    ['EventSubscription', { match: { subjectPrefixes: ['a'.repeat(513)] } }, '/spec/match/subjectPrefixes/0'],
    ['EventSubscription', { match: { subjectPrefixes: ['a\nb'] } }, '/spec/match/subjectPrefixes/0'],
    ['EventSubscription', { match: { sourceNodes: ['edge-1 '] } }, '/spec/match/sourceNodes/0'],
    ['EventSubscription', { groupRef: 'sample ' }, '/spec/groupRef'],
    ['EventSubscription', { trigger: { pluginRef: 'my plugin' } }, '/spec/trigger/pluginRef'],
    ['EventSubscription', { trigger: { pluginRef: 'p ' } }, '/spec/trigger/pluginRef'],
    ['EventSubscription', { trigger: { pluginRef: '..' } }, '/spec/trigger/pluginRef'],
    ['EventPeer', { types: ['client.*'] }, '/spec/types/0'],
    ['EventPeer', { subjectPrefixes: [' 10.'] }, '/spec/subjectPrefixes/0'],
    ['EventPeer', { groupRef: 'a b' }, '/spec/groupRef'],
    ['EventPeer', { nodeName: 'edge 1' }, '/spec/nodeName'],
    ['EventGroup', { members: ['edge-1 '] }, '/spec/members/0'],
    [
      'Plugin',
      { context: { resources: [{ apiVersion: 'a/v1', kind: 'K', name: 'a b' }] } },
      '/spec/context/resources/0/name',
    ],
    [
      'Plugin',
      { context: { resources: [{ apiVersion: 'a v1', kind: 'K', name: 'a' }] } },
      '/spec/context/resources/0/apiVersion',
    ],
    ['MaintenanceWindow', { backends: ['a b'] }, '/spec/backends/0'],
  ])('X13 %s %j is refused', (kind, spec, pointer) => {
    expect(wrongFields(kind, { spec })).toEqual([pointer]);
  });

  it('X13 what a fact can be like is accepted', () => {
    const match = {
      types: ['A_b-c', 'a'.repeat(200)],
      subjectPrefixes: ['10.88.60. ', 'ü', 'a'.repeat(512)],
    };
    expect(wrongFields('EventSubscription', { spec: { match } })).toEqual([]);
  });
});

describe('names', () => {
  const kinds: readonly [apiVersion: string, kind: string][] = [
    ['federation.routerd.net/v1alpha1', 'EventGroup'],
    ['federation.routerd.net/v1alpha1', 'EventSubscription'],
    ['plugin.routerd.net/v1alpha1', 'Plugin'],
    ['net.routerd.net/v1alpha1', 'Interface'],
    ['example.net/v1', 'Widget'],
    ['balance.signalbox.dev/v1alpha1', 'Backend'],
    ['balance.signalbox.dev/v1alpha1', 'VppDataPlane'],
  ];
  it.each(
    kinds.flatMap(([apiVersion, kind]) =>
      ['.', '..', 'a\tb', 'a b', ''].map((name) => [apiVersion, kind, name] as const),
    ),
  )('X14 a %s %s cannot be called %j', (apiVersion, kind, name) => {
    const refused = (): Resource => validateResource({ apiVersion, kind, metadata: { name }, spec: {} });
    expect(refused).toThrow(CodedError);
    expect(refused).toThrow(
      expect.objectContaining({
        errors: expect.arrayContaining([expect.objectContaining({ pointer: '/metadata/name' })]),
      }),
    );
  });
});
