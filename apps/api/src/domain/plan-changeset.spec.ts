import { describe, expect, it } from '@jest/globals';
import { keyOf, refOf, type Resource } from '@signalbox/contracts';
import {
  foreignMembers,
  type GivenDocument,
  planChangeset,
  planRemoval,
  planReturn,
  type StandingResource,
} from './plan-changeset.js';

const thing = (name: string, spec: Record<string, unknown> = {}): Resource => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name },
  spec,
});

const standing = (...entries: [Resource, string?][]): Map<string, StandingResource> =>
  new Map(
    entries.map(([resource, set], index) => [
      keyOf(resource),
      { resource, revision: index + 1, ...(set !== undefined && { set }) },
    ]),
  );

const given = (resources: readonly Resource[], set?: string): GivenDocument => ({
  resources: resources.map((resource, index) => ({ resource, pointer: `/0/spec/resources/${index}` })),
  ...(set !== undefined && { set }),
});

const steps = ({ plan }: ReturnType<typeof planChangeset>): string[] =>
  plan.map(({ action, name }) => `${action} ${name}`);

describe('planChangeset', () => {
  it('adds, changes and leaves alone, sorted by identity', () => {
    const before = standing([thing('a')], [thing('c', { x: 1 })], [thing('other')]);
    const result = planChangeset(before, [given([thing('c', { x: 2 }), thing('b'), thing('a')])]);

    expect(steps(result)).toEqual(['unchanged a', 'added b', 'changed c']);
    expect(result.plan[2]?.fields).toEqual([{ path: '/spec/x', from: 1, to: 2 }]);
    expect(result.changes).toEqual([
      { op: 'put', resource: thing('b') },
      { op: 'put', resource: thing('c', { x: 2 }) },
    ]);
  });

  it('has no changes when everything stands already', () => {
    const result = planChangeset(standing([thing('a', { x: 1, y: 2 })]), [
      given([thing('a', { y: 2, x: 1 })]),
    ]);
    expect(result.changes).toEqual([]);
    expect(steps(result)).toEqual(['unchanged a']);
  });

  it('removes what left a bundle in the same changeset', () => {
    const before = standing([thing('a'), 'Router/cloud'], [thing('b'), 'Router/cloud'], [thing('c')]);
    const result = planChangeset(before, [given([thing('a')], 'Router/cloud')]);

    expect(steps(result)).toEqual(['unchanged a', 'removed b']);
    expect(result.changes).toEqual([{ op: 'delete', ref: refOf(thing('b')) }]);
  });

  it('removes every member of an empty bundle', () => {
    const before = standing([thing('a'), 'Router/cloud'], [thing('b'), 'Router/edge']);
    expect(steps(planChangeset(before, [given([], 'Router/cloud')]))).toEqual(['removed a']);
  });

  it('gives everything to the set that the request names', () => {
    const before = standing([thing('old'), 'prod']);
    const result = planChangeset(before, [given([thing('a')]), given([thing('b')], 'Router/cloud')], 'prod');

    expect(steps(result)).toEqual(['added a', 'added b', 'removed old']);
    expect(result.changes.slice(0, 2)).toEqual([
      { op: 'put', resource: thing('a'), set: 'prod' },
      { op: 'put', resource: thing('b'), set: 'prod' },
    ]);
  });

  it('keeps the set of a resource that is given outside any set', () => {
    const before = standing([thing('a'), 'Router/cloud']);
    expect(planChangeset(before, [given([thing('a')])]).changes).toEqual([]);
    expect(planChangeset(before, [given([thing('a', { x: 1 })])]).changes).toEqual([
      { op: 'put', resource: thing('a', { x: 1 }), set: 'Router/cloud' },
    ]);
  });

  it('takes a resource that no set owns into the set', () => {
    const result = planChangeset(standing([thing('a')]), [given([thing('a')], 'Router/cloud')]);
    expect(result.plan[0]).toMatchObject({
      action: 'changed',
      fields: [{ path: '/set', from: null, to: 'Router/cloud' }],
    });
  });

  it.each([
    { to: 'another bundle', documents: [given([thing('a')], 'Router/cloud')] },
    { to: 'a named set', documents: [given([thing('a')])], setName: 'Router/cloud' },
    {
      to: 'a bundle when the other gives it up in the same request',
      documents: [given([thing('a')], 'Router/cloud'), given([], 'Router/edge')],
    },
  ])('refuses to move a resource to $to', ({ documents, setName }) => {
    const before = standing([thing('a'), 'Router/edge']);
    const error = foreignMembers(before, documents, setName)!;
    expect(error.code).toBe('validation-failed');
    expect(error.message).toContain('"Router/edge"');
    expect(error.message).toContain('"Router/cloud"');
    expect(error.errors[0]?.pointer).toBe('/0/spec/resources/0');
  });
});

describe('a rename', () => {
  const heir = { ...thing('new'), metadata: { name: 'new', renamedFrom: 'old' } };

  it('is told on both sides, also that what goes had taken over itself', () => {
    const result = planChangeset(standing([thing('old'), 's']), [given([heir], 's')], 's');
    expect(result.plan).toMatchObject([
      { action: 'added', name: 'new', renamedFrom: 'old' },
      { action: 'removed', name: 'old', renamedTo: 'new' },
    ]);
    const last = { ...thing('last'), metadata: { name: 'last', renamedFrom: 'new' } };
    expect(planChangeset(standing([heir, 's']), [given([last], 's')], 's').plan).toMatchObject([
      { action: 'added', name: 'last', renamedFrom: 'new' },
      { action: 'removed', name: 'new', renamedFrom: 'old', renamedTo: 'last' },
    ]);
  });

  it('is taken back by a return, by which the old name takes over from the new one', () => {
    const result = planReturn(standing([heir]), standing([thing('old')]));
    const back = { ...thing('old'), metadata: { name: 'old', renamedFrom: 'new' } };
    expect(result.changes).toEqual([
      { op: 'delete', ref: refOf(heir) },
      { op: 'put', resource: back },
    ]);
    expect(planReturn(standing([heir], [thing('old')]), standing([heir], [thing('old')])).changes).toEqual(
      [],
    );
  });
});

describe('planReturn', () => {
  const past = (...entries: Parameters<typeof standing>): ReturnType<typeof standing> => standing(...entries);

  it('removes what came since, and puts what went or changed since as it was', () => {
    const now = standing([thing('came')], [thing('changed', { x: 2 })], [thing('stays')]);
    const result = planReturn(now, past([thing('changed', { x: 1 })], [thing('stays')], [thing('went')]));
    expect(steps(result)).toEqual(['removed came', 'changed changed', 'unchanged stays', 'added went']);
    expect(result.changes).toEqual([
      { op: 'delete', ref: refOf(thing('came')) },
      { op: 'put', resource: thing('changed', { x: 1 }) },
      { op: 'put', resource: thing('went') },
    ]);
  });

  it('gives each resource back to the set that owned it, and none to what none owned', () => {
    const now = standing([thing('a'), 'new'], [thing('b')], [thing('c'), 'same']);
    const result = planReturn(now, past([thing('a')], [thing('b'), 'old'], [thing('c'), 'same']));
    expect(steps(result)).toEqual(['changed a', 'changed b', 'unchanged c']);
    expect(result.changes).toEqual([
      { op: 'put', resource: thing('a') },
      { op: 'put', resource: thing('b'), set: 'old' },
    ]);
    expect(result.plan[0]?.fields).toEqual([{ path: '/set', from: 'new', to: null }]);
  });

  it('has nothing to do where all stands as it stood', () => {
    const now = standing([thing('a'), 's'], [thing('b')]);
    expect(planReturn(now, now).changes).toEqual([]);
  });
});

describe('planRemoval', () => {
  it('removes one resource', () => {
    expect(planRemoval(standing([thing('a')]), refOf(thing('a')))).toEqual({
      changes: [{ op: 'delete', ref: refOf(thing('a')) }],
      plan: [{ action: 'removed', ...refOf(thing('a')) }],
    });
  });

  it('has nothing to do when the resource does not stand', () => {
    expect(planRemoval(new Map(), refOf(thing('a'))).changes).toEqual([]);
  });
});
