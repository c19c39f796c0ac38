import { describe, expect, it } from '@jest/globals';
import { checkSet } from './references.js';
import { keyOf, refOf, type Resource } from './resource.js';
import { DeclaredSuccession } from './succession.js';
import { validateResource } from './validate.js';

function plugin(name: string, renamedFrom?: string): Resource {
  return {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'Plugin',
    metadata: { name, ...(renamedFrom !== undefined && { renamedFrom }) },
    spec: { executable: '/x' },
  };
}

describe('DeclaredSuccession', () => {
  it('gives what stands of a name that is not declared to who says that it took over', () => {
    const succession = new DeclaredSuccession([plugin('new', 'old'), plugin('other')]);
    expect(['old', 'new', 'other', 'gone'].map((name) => succession.heirOf(`Plugin/${name}`))).toEqual([
      'Plugin/new',
      'Plugin/new',
      'Plugin/other',
      'Plugin/gone',
    ]);
    expect(succession.heirOf('EventSubscription/old')).toBe('EventSubscription/old');
    expect(succession.namesOf('Plugin/new')).toEqual(['Plugin/new', 'Plugin/old']);
    expect(succession.handedOver()).toEqual(['Plugin/old']);
  });

  it('gives nothing of a name that is declared', () => {
    const succession = new DeclaredSuccession([plugin('new', 'old'), plugin('old')]);
    expect(succession.heirOf('Plugin/old')).toBe('Plugin/old');
    expect(succession.namesOf('Plugin/new')).toEqual(['Plugin/new']);
    expect(succession.handedOver()).toEqual([]);
  });
});

describe('metadata.renamedFrom', () => {
  function errorsOf(...resources: readonly Resource[]): string[] {
    const set = new Map(resources.map((resource) => [keyOf(resource), resource]));
    const found = checkSet(set, resources.map(refOf));
    return found.flatMap(({ ref, errors }) => errors.map(({ pointer }) => `${ref.name} ${pointer}`)).sort();
  }

  it('names what is no longer declared, and one resource takes over from it', () => {
    expect(errorsOf(plugin('new', 'old'))).toEqual([]);
    expect(errorsOf(plugin('new', 'old'), plugin('old'))).toEqual([
      'new /metadata/renamedFrom',
      'old /metadata/name',
    ]);
    expect(errorsOf(plugin('a', 'old'), plugin('b', 'old'))).toEqual([
      'a /metadata/renamedFrom',
      'b /metadata/renamedFrom',
    ]);
  });

  it.each([
    ['its own name', plugin('a', 'a'), 'is its own name'],
    [
      'a name of another kind',
      {
        apiVersion: 'example.net/v1',
        kind: 'Host',
        metadata: { name: 'a', renamedFrom: 'b' },
        spec: {},
      },
      'EventSubscription, Plugin, DynamicConfigSource',
    ],
  ])('is refused when it is %s', (_what, resource, message) => {
    const error = expect.objectContaining({
      code: 'validation-failed',
      errors: [{ pointer: '/metadata/renamedFrom', message: expect.stringContaining(message) }],
    });
    expect(() => validateResource(resource)).toThrow(error as never);
  });
});
