import { describe, expect, it } from '@jest/globals';
import { checkSet, type ResourceErrors } from '../../references.js';
import { keyOf, refOf, type Resource } from '../../resource.js';
import { sample, wrongFields } from '../sample-resources.fixture.js';
import { schemaErrors } from './resource-schema.js';

const SCHEMA = sample('ResourceSchema');

function route(name: string, spec: Record<string, unknown>): Resource {
  return { apiVersion: 'net.example.net/v1', kind: 'StaticRoute', metadata: { name }, spec };
}

function checked(
  touched: readonly Resource[],
  standing: readonly Resource[] = [],
): readonly ResourceErrors[] {
  const set = new Map([...standing, ...touched].map((one) => [keyOf(one), one]));
  return checkSet(set, touched.map(refOf));
}

describe('ResourceSchema', () => {
  it('D10 says what is wrong with a spec, and who says so', () => {
    expect(schemaErrors(SCHEMA, route('a', { via: '192.0.2.1' }))).toEqual([]);
    expect(schemaErrors(SCHEMA, route('a', {}))).toEqual([
      { pointer: '/spec/via', message: 'is required (ResourceSchema/sample)' },
    ]);
  });

  it('is asked of what is applied, and of all that stands when it is applied itself', () => {
    const bad = route('bad', { via: 'nowhere' });
    const good = route('good', { via: '192.0.2.1' });
    expect(checked([bad, good], [SCHEMA])).toMatchObject([
      { ref: refOf(bad), errors: [{ pointer: '/spec/via' }] },
    ]);
    expect(checked([SCHEMA], [bad, good])).toMatchObject([{ ref: refOf(bad) }]);
    expect(checked([good], [bad])).toEqual([]);
  });

  it('is the only one of its kind, and of a kind that this version does not know', () => {
    const second = sample('ResourceSchema', { metadata: { name: 'second' } });
    expect(checked([second], [SCHEMA])).toMatchObject([
      { ref: refOf(second), errors: [{ pointer: '/spec/kind', message: expect.stringContaining('sample') }] },
    ]);
    const known = sample('ResourceSchema', {
      spec: { apiVersion: 'plugin.routerd.net/v1alpha1', kind: 'Plugin' },
    });
    expect(checked([known])).toMatchObject([{ errors: [{ pointer: '/spec/kind' }] }]);
  });

  it('points at what is wrong with the schema', () => {
    expect(wrongFields('ResourceSchema', { spec: { schema: { properties: { via: { typ: 1 } } } } })).toEqual([
      '/spec/schema/properties/via/typ',
    ]);
    expect(wrongFields('ResourceSchema', { metadata: { project: 'lab' } })).toEqual(['/metadata/project']);
  });
});
