import { describe, expect, it } from '@jest/globals';
import { keyOf, type Resource, type SinkSelection, withProvenance } from '@signalbox/contracts';
import * as fc from 'fast-check';
import { selectResources } from './select-resources.js';

function resource(
  kind: string,
  name: string,
  more: Partial<Resource['metadata']> = {},
  apiVersion = 'a/v1',
): Resource {
  return { apiVersion, kind, metadata: { name, ...more }, spec: {} };
}

const WEB = resource('Backend', 'web-1', { labels: { tier: 'front', zone: 'a' } });
const WEB2 = resource('Backend', 'web-2', { project: 'shop', labels: { tier: 'front' } });
const DB = resource('Backend', 'db', { labels: { tier: 'back' } }, 'b/v1');
const CLAIM = resource('Claim', 'web-1');
const ALL = [WEB, WEB2, DB, CLAIM];

describe('selectResources', () => {
  it.each<[string, SinkSelection | undefined, Resource[]]>([
    ['everything when nothing is said', undefined, [WEB, WEB2, CLAIM, DB]],
    ['a kind of any API', { kinds: ['Backend'] }, [WEB, WEB2, DB]],
    ['a kind of one API', { kinds: ['b/v1/Backend'] }, [DB]],
    ['any of several kinds', { kinds: ['Claim', 'b/v1/Backend'] }, [CLAIM, DB]],
    ['a name', { names: ['web-1'] }, [WEB, CLAIM]],
    ['a name with any rest', { names: ['web-*'] }, [WEB, WEB2, CLAIM]],
    ['labels, all of them', { labels: { tier: 'front', zone: 'a' } }, [WEB]],
    ['projects', { projects: ['shop'] }, [WEB2]],
    ['the default project', { projects: ['default'], kinds: ['Backend'] }, [WEB, DB]],
    [
      'what fits all that is given',
      { kinds: ['Backend'], names: ['w*'], labels: { tier: 'front' } },
      [WEB, WEB2],
    ],
    ['nothing where nothing fits', { names: ['web'] }, []],
  ])('takes %s', (_what, selection, expected) => {
    expect(selectResources(ALL, selection)).toEqual(expected);
  });

  it('leaves out where a resource comes from, and nothing else', () => {
    const facts = [{ id: 'f1', subject: 's' }];
    const made = withProvenance(
      { ...WEB, metadata: { ...WEB.metadata, annotations: { mine: 'x' } } },
      { owner: 'o', facts },
    );
    expect(selectResources([made])).toEqual([
      { ...WEB, metadata: { ...WEB.metadata, annotations: { mine: 'x' } } },
    ]);
  });

  it('gives the same list in whatever order resources come', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 20 });
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.double({ noNaN: true })), (some, random) => {
        const resources = some.map((name) => resource('Thing', name));
        const shuffled = resources
          .map((one) => [random.next().value as number, one] as const)
          .sort(([a], [b]) => a - b)
          .map(([, one]) => one);
        const selected = selectResources(shuffled);
        expect(selected).toEqual(selectResources(resources));
        expect(selected.map(keyOf)).toEqual([...selected.map(keyOf)].sort());
      }),
    );
  });
});
