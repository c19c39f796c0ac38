import { describe, expect, it } from '@jest/globals';
import { CodedError } from './errors.js';
import { sample } from './kinds/sample-resources.fixture.js';
import { MAX_RESOURCE_DEPTH, validateResource, validateResources } from './validate.js';

const WIDGET = { apiVersion: 'example.net/v1', kind: 'Widget', metadata: { name: 'a' }, spec: {} };

function refusal(act: () => unknown): CodedError {
  try {
    act();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function wrongFields(input: unknown): string[] {
  const error = refusal(() => validateResource(input));
  expect(error.code).toBe('validation-failed');
  return error.errors.map(({ pointer }) => pointer);
}

function nested(depth: number): unknown {
  return depth === 0 ? 'x' : { a: nested(depth - 1) };
}

describe('validateResource', () => {
  it('keeps the spec of an unknown kind untouched', () => {
    const spec: unknown = JSON.parse('{"b":[1,null,{"__proto__":{"x":1}}],"a":"","constructor":{"c":true}}');
    const kept = validateResource({ ...WIDGET, spec });
    expect(kept.spec).toBe(spec);
    expect(JSON.stringify(kept.spec)).toBe(
      '{"b":[1,null,{"__proto__":{"x":1}}],"a":"","constructor":{"c":true}}',
    );
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('leaves the default project out, keeps another', () => {
    expect(validateResource({ ...WIDGET, metadata: { name: 'a', project: 'default' } })).toEqual(WIDGET);
    const other = { ...WIDGET, metadata: { name: 'a', project: 'lab' } };
    expect(validateResource(other)).toEqual(other);
  });

  it('accepts all members of metadata', () => {
    const metadata = {
      name: 'Ünïcode/name_1.a',
      annotations: { 'routerd.net/event-id': 'a' },
      labels: { tier: 'edge' },
      ownerRefs: [{ kind: 'Plugin', name: 'a' }],
    };
    expect(validateResource({ ...WIDGET, metadata }).metadata).toEqual(metadata);
  });

  it.each<[string, unknown, string[]]>([
    ['text', 'a', ['']],
    ['a list', [], ['']],
    ['nothing', {}, ['/apiVersion', '/kind', '/metadata', '/spec']],
    ['a blank apiVersion', { ...WIDGET, apiVersion: '' }, ['/apiVersion']],
    ['an apiVersion with NUL', { ...WIDGET, apiVersion: 'a\u0000b' }, ['/apiVersion']],
    ['a kind with a slash', { ...WIDGET, kind: 'A/b' }, ['/kind']],
    ['no name', { ...WIDGET, metadata: {} }, ['/metadata/name']],
    ['a name with a blank', { ...WIDGET, metadata: { name: 'a b' } }, ['/metadata/name']],
    ['a name with an invisible mark', { ...WIDGET, metadata: { name: 'a\u200bb' } }, ['/metadata/name']],
    ['a name of 254', { ...WIDGET, metadata: { name: 'a'.repeat(254) } }, ['/metadata/name']],
    [
      'a project that is no label',
      { ...WIDGET, metadata: { name: 'a', project: 'A.b' } },
      ['/metadata/project'],
    ],
    [
      'a number as annotation',
      { ...WIDGET, metadata: { name: 'a', annotations: { b: 1 } } },
      ['/metadata/annotations/b'],
    ],
    ['a blank label', { ...WIDGET, metadata: { name: 'a', labels: { '': 'x' } } }, ['/metadata/labels/']],
    ['a namespace', { ...WIDGET, metadata: { name: 'a', namespace: 'b' } }, ['/metadata/namespace']],
    ['a state', { ...WIDGET, state: {} }, ['/state']],
    ['a spec that is null', { ...WIDGET, spec: null }, ['/spec']],
    ['a spec that is a list', { ...WIDGET, spec: [] }, ['/spec']],
    ['a bundle', { ...WIDGET, apiVersion: 'routerd.net/v1alpha1', kind: 'Router' }, ['/kind']],
    ['infinity', { ...WIDGET, spec: { a: [Number.POSITIVE_INFINITY] } }, ['/spec/a/0']],
    ['a number that loses digits', { ...WIDGET, spec: { a: 2 ** 53 } }, ['/spec/a']],
    ['NUL', { ...WIDGET, spec: { a: { b: 'x\u0000' } } }, ['/spec/a/b']],
    ['half a surrogate pair as a key', { ...WIDGET, spec: { '\ud800': 1 } }, ['/spec/\ud800']],
    ['what is no JSON', { ...WIDGET, spec: { a: 1n } }, ['/spec/a']],
  ])('refuses %s', (_what, input, pointers) => {
    expect(wrongFields(input)).toEqual(pointers);
  });

  it('keeps *.routerd.net kinds in project default, known or not', () => {
    for (const apiVersion of ['routerd.net/v1alpha1', 'net.routerd.net/v1alpha1'])
      expect(wrongFields({ ...WIDGET, apiVersion, metadata: { name: 'a', project: 'lab' } })).toEqual([
        '/metadata/project',
      ]);
    const elsewhere = { ...WIDGET, apiVersion: 'myrouterd.net/v1', metadata: { name: 'a', project: 'lab' } };
    expect(validateResource(elsewhere)).toEqual(elsewhere);
  });

  it('bounds the nesting', () => {
    const fitting = { ...WIDGET, spec: nested(MAX_RESOURCE_DEPTH - 1) };
    expect(validateResource(fitting)).toEqual(fitting);
    expect(wrongFields({ ...WIDGET, spec: nested(MAX_RESOURCE_DEPTH) })).toHaveLength(1);
    const endless: Record<string, unknown> = {};
    endless['a'] = endless;
    expect(wrongFields({ ...WIDGET, spec: endless })).toHaveLength(1);
  });

  it('names the resource and the first error, and reports all of them', () => {
    const error = refusal(() =>
      validateResource(sample('EventPeer', { spec: { groupRef: '', types: [1], extra: 1 } })),
    );
    expect(error.message).toMatch(/^EventPeer\/sample is not valid: \/spec\/\S+ .* \(and 2 more\)$/);
    expect(error.errors.map(({ pointer }) => pointer).sort()).toEqual([
      '/spec/extra',
      '/spec/groupRef',
      '/spec/types/0',
    ]);
  });

  it('reports envelope and spec together', () => {
    expect(wrongFields(sample('EventPeer', { metadata: { name: '' }, spec: { groupRef: null } }))).toEqual([
      '/metadata/name',
      '/spec/groupRef',
    ]);
  });

  it('tells at most 50 errors', () => {
    expect(wrongFields(sample('EventPeer', { spec: { types: Array(1000).fill('') } }))).toHaveLength(50);
  });

  it('refuses members that only look inherited', () => {
    const input: unknown = JSON.parse(
      JSON.stringify(sample('Plugin')).replace('"env"', '"__proto__":{"a":1},"env"'),
    );
    expect(wrongFields(input)).toEqual(['/spec/__proto__']);
    expect(wrongFields(sample('EventPeer', { spec: { constructor: 'a' } }))).toEqual(['/spec/constructor']);
  });
});

describe('validateResources', () => {
  it('returns all in order', () => {
    const inputs = [WIDGET, sample('Plugin')];
    expect(validateResources(inputs)).toEqual(inputs);
  });

  it('prefixes every pointer with the index', () => {
    const bad = sample('Plugin', { spec: { executable: 'a' } });
    const error = refusal(() => validateResources([WIDGET, bad, { ...WIDGET, spec: 1 }]));
    expect(error.errors.map(({ pointer }) => pointer)).toEqual(['/1/spec/executable', '/2/spec']);
    expect(error.message).toMatch(/^Plugin\/sample is not valid: \/1\/spec\/executable /);
  });
});
