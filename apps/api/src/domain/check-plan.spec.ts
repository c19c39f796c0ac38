import { describe, expect, it } from '@jest/globals';
import { CodedError, FEDERATION_API, keyOf, refOf, type Resource } from '@signalbox/contracts';
import { checkPlan, NOTHING_GIVEN } from './check-plan.js';
import { surveyText } from './given-documents.js';
import { planChangeset, planRemoval, type Standing } from './plan-changeset.js';

const AUTH = { mode: 'hmac', secretFile: '/run/secrets/edge.key' };
const federation = (kind: string, name: string, spec: Record<string, unknown>): Resource => ({
  apiVersion: FEDERATION_API,
  kind,
  metadata: { name },
  spec,
});
const group = federation('EventGroup', 'cloud', { nodeName: 'edge-1', auth: AUTH });
const peer = federation('EventPeer', 'east', {
  groupRef: 'cloud',
  nodeName: 'edge-2',
  endpoint: 'http://10.0.0.2:8787',
});
const standingOf = (...resources: Resource[]): Standing =>
  new Map(resources.map((resource) => [keyOf(resource), { resource, revision: 1 }]));

const errorOf = (run: () => unknown): Pick<CodedError, 'code' | 'errors'> | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { code: error.code, errors: error.errors };
  }
};
const applying = (standing: Standing, ...resources: Resource[]): ReturnType<typeof errorOf> => {
  const documents = resources.map((resource, index) => ({ resources: [{ resource, pointer: `/${index}` }] }));
  return errorOf(() =>
    checkPlan(standing, planChangeset(standing, documents), { ...NOTHING_GIVEN, documents }),
  );
};

describe('checkPlan', () => {
  it('lets resources refer to each other inside one changeset, in any order', () => {
    expect(applying(new Map(), peer, group)).toBeUndefined();
  });

  it('points to a reference that does not resolve', () => {
    expect(
      applying(standingOf(), group, { ...peer, spec: { ...peer.spec, groupRef: 'nowhere' } }),
    ).toMatchObject({
      code: 'reference-missing',
      errors: [{ pointer: '/1/spec/groupRef' }],
    });
  });

  it('points into a maglev.yaml where a reference does not resolve', () => {
    const given = surveyText('maglev: {backends: {a: {address: 10.0.0.1, depends-on: [gone]}}}');
    expect(
      errorOf(() => checkPlan(new Map(), planChangeset(new Map(), given.documents), given)),
    ).toMatchObject({
      code: 'reference-missing',
      errors: [{ pointer: '/0/maglev/backends/a/depends-on/0' }],
    });
  });

  it('does not call a reference missing that resolves to something unfit', () => {
    const bare = { ...group, spec: { nodeName: 'edge-1' } };
    expect(applying(standingOf(bare), peer)).toMatchObject({
      code: 'validation-failed',
      errors: [{ pointer: '/0/spec/groupRef' }],
    });
  });

  it('finds two groups on one address and port', () => {
    const listening = { ...group, spec: { ...group.spec, listen: { address: '127.0.0.1', port: 8787 } } };
    const other = { ...listening, metadata: { name: 'other' } };
    expect(applying(standingOf(listening), other)).toMatchObject({
      code: 'validation-failed',
      errors: [{ pointer: '/0/spec/listen' }],
    });
  });

  it('does not let go of what others refer to, and names them', () => {
    const standing = standingOf(group, peer);
    const error = errorOf(() => checkPlan(standing, planRemoval(standing, refOf(group))));
    expect(error?.code).toBe('reference-missing');
    expect(error?.errors[0]?.message).toMatch(/^EventPeer\/east: /);
  });
});

it('X11 tells all that is wrong at once: form, envelope, fields, rules, references and the set', () => {
  const documents = [
    '[]',
    '{apiVersion: federation.routerd.net/v1alpha1, kind: EventGroup, metadata: {name: a, owner: me}, spec: {nodeName: a, colour: red, listen: {address: 10.0.0.1, port: 80}}}',
    '{apiVersion: federation.routerd.net/v1alpha1, kind: EventPeer, metadata: {name: b}, spec: {groupRef: gone, nodeName: b, endpoint: "http://b", types: [">"], direction: pull}}',
    '{apiVersion: federation.routerd.net/v1alpha1, kind: EventPeer, metadata: {name: c}, spec: {groupRef: a, nodeName: c, endpoint: "http://c"}}',
    '{apiVersion: balance.signalbox.dev/v1alpha1, kind: Backnd, metadata: {name: d}, spec: {}}',
    '{apiVersion: balance.signalbox.dev/v1alpha1, kind: Frontend, metadata: {name: e}, spec: {address: 192.0.2.1, pools: [{name: p, backends: {gone: {}}}]}}',
    '{apiVersion: balance.signalbox.dev/v1alpha1, kind: Frontend, metadata: {name: f}, spec: {address: 192.0.2.1, pools: [{name: p}]}}',
    '{apiVersion: federation.routerd.net/v1alpha1, kind: EventGroup, metadata: {name: Edge}, spec: {nodeName: a}}',
  ];
  const standing = standingOf(federation('EventGroup', 'edge', { nodeName: 'a' }));
  const given = surveyText(documents.join('\n---\n'));
  const error = errorOf(() => checkPlan(standing, planChangeset(standing, given.documents), given));
  expect(error?.code).toBe('validation-failed');
  expect(error?.errors.map(({ pointer }) => pointer).sort()).toEqual([
    '/0',
    '/1/metadata/owner',
    '/1/spec/auth/secretFile',
    '/1/spec/colour',
    '/2/spec/direction',
    '/2/spec/groupRef',
    '/2/spec/types/0',
    '/4/kind',
    '/5/spec/address',
    '/5/spec/pools/0/backends/gone',
    '/6/spec/address',
    '/7/metadata/name',
  ]);
});
