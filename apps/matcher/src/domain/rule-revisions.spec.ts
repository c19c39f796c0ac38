import { describe, expect, it } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { RuleRevisions } from './rule-revisions.js';

function plugin(spec: Resource['spec'], annotations = {}): Resource {
  return { apiVersion: 'v1', kind: 'Plugin', metadata: { name: 'p', annotations }, spec };
}

const REF = { apiVersion: 'v1', kind: 'Plugin', project: 'default', name: 'p' };

describe('RuleRevisions', () => {
  it.each([
    ['suspend', plugin({ executable: '/x', suspend: true })],
    ['onChange', plugin({ executable: '/x', onChange: 'ignore' })],
    ['an annotation', plugin({ executable: '/x' }, { note: 'n' })],
    ['nothing', plugin({ executable: '/x' })],
  ])('S11 what changes %s alone keeps its revision', (_, resource) => {
    const revisions = new RuleRevisions();
    revisions.put({ resource: plugin({ executable: '/x' }), revision: 3 });
    revisions.put({ resource, revision: 7 });
    expect(revisions.since({ resource, revision: 7 })).toEqual({ resource, revision: 3 });
  });

  it('S23 what says something else, or is declared anew, begins with its revision', () => {
    const revisions = new RuleRevisions();
    revisions.put({ resource: plugin({ executable: '/x' }), revision: 3 });
    const resource = plugin({ executable: '/y', suspend: true });
    revisions.put({ resource, revision: 7 });
    expect(revisions.since({ resource, revision: 7 }).revision).toBe(7);
    revisions.delete(REF);
    revisions.put({ resource, revision: 9 });
    expect(revisions.since({ resource, revision: 9 }).revision).toBe(9);
  });

  it('S11 goes back over versions that said the same', () => {
    const revisions = new RuleRevisions();
    const resource = plugin({ executable: '/x' });
    revisions.put({ resource, revision: 9 });
    expect(revisions.putBefore({ resource: plugin({ executable: '/x', suspend: true }), revision: 7 })).toBe(
      true,
    );
    expect(revisions.putBefore({ resource, revision: 4 })).toBe(true);
    expect(revisions.putBefore({ resource: plugin({ executable: '/w' }), revision: 2 })).toBe(false);
    expect(revisions.since({ resource, revision: 9 }).revision).toBe(4);
  });
});
