import { describe, expect, it } from '@jest/globals';
import { keyOf, refOf, type Resource } from '@signalbox/contracts';
import { findStanding } from './pick-resource.js';

const thing = (apiVersion: string, name: string, project?: string): Resource => ({
  apiVersion,
  kind: 'Thing',
  metadata: { name, ...(project !== undefined && { project }) },
  spec: {},
});
const all = [thing('a.org/v1', 'both'), thing('b.org/v1', 'both'), thing('a.org/v1', 'one', 'lab')];
const standing = new Map(all.map((resource) => [keyOf(resource), { resource, revision: 1 }]));

describe('findStanding', () => {
  it('finds the only one', () => {
    expect(findStanding(standing, { kind: 'Thing', name: 'one', project: 'lab' })).toEqual(refOf(all[2]!));
  });

  it('looks in the default project unless told otherwise', () => {
    expect(() => findStanding(standing, { kind: 'Thing', name: 'one' })).toThrow(
      'there is no Thing/one: GET /v1/resources?kind=Thing lists what there is',
    );
  });

  it('asks which one is meant', () => {
    expect(() => findStanding(standing, { kind: 'Thing', name: 'both' })).toThrow(
      'Thing/both exists as a.org/v1, b.org/v1: say which by apiVersion=',
    );
    const ref = findStanding(standing, { kind: 'Thing', name: 'both', apiVersion: 'b.org/v1' });
    expect(ref).toEqual(refOf(all[1]!));
  });
});
