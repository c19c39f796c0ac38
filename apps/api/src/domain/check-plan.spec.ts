import { describe, expect, it } from '@jest/globals';
import { CodedError, FEDERATION_API, keyOf, refOf, type Resource } from '@signalbox/contracts';
import { checkPlan } from './check-plan.js';
import { readGivenDocuments } from './given-documents.js';
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
  return errorOf(() => checkPlan(standing, planChangeset(standing, documents), documents));
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
    const documents = readGivenDocuments('maglev: {backends: {a: {address: 10.0.0.1, depends-on: [gone]}}}');
    expect(errorOf(() => checkPlan(new Map(), planChangeset(new Map(), documents), documents))).toMatchObject(
      {
        code: 'reference-missing',
        errors: [{ pointer: '/0/maglev/backends/a/depends-on/0' }],
      },
    );
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
    const error = errorOf(() => checkPlan(standing, planRemoval(standing, refOf(group)), []));
    expect(error?.code).toBe('reference-missing');
    expect(error?.errors[0]?.message).toMatch(/^EventPeer\/east: /);
  });
});
