import { describe, expect, it } from '@jest/globals';
import { isWanted, queryOf, readWatch, type WatchFlags } from './watch-words.js';

const watch = (words: string, flags: WatchFlags = {}) =>
  readWatch(words === '' ? [] : words.split(' '), flags);

describe('readWatch', () => {
  it.each<[string, WatchFlags, object]>([
    ['', {}, {}],
    ['num 3', {}, { num: 3 }],
    ['backend', {}, { backend: [] }],
    ['backend nginx1', {}, { backend: ['nginx1'] }],
    ['frontend num 2 backend a', {}, { backend: ['a'], frontend: [], num: 2 }],
    ['backend a backend b', {}, { backend: ['a', 'b'] }],
    ['backend a backend', {}, { backend: [] }],
    ['backend frontend f', {}, { backend: [], frontend: ['f'] }],
    ['ba a fr f n 5', {}, { backend: ['a'], frontend: ['f'], num: 5 }],
    ['backend ba', {}, { backend: ['ba'] }],
    ['node edge-1 node', {}, { node: [] }],
    ['no edge-1', { node: ['edge-2'] }, { node: ['edge-2', 'edge-1'] }],
    ['frontend f', { backend: ['a'], num: 9 }, { backend: ['a'], frontend: ['f'], num: 9 }],
    ['backend a', { backend: ['num'] }, { backend: ['num', 'a'] }],
  ])('"%s" %j', (words, flags, expected) => {
    const { kinds, num } = watch(words, flags);
    const read = Object.fromEntries([...kinds].map(([kind, names]) => [kind, [...names]]));
    expect({ ...read, ...(num !== undefined && { num }) }).toEqual(expected);
  });

  it('takes num as a word or as a flag, not both', () => {
    expect(() => watch('num 1', { num: 2 })).toThrow('num is given twice');
  });
});

it.each([
  ['', {}],
  ['backend', { kind: 'backend' }],
  ['backend a backend b', { kind: 'backend', name: 'a,b' }],
  ['frontend f backend a', { kind: 'backend,frontend', name: 'a,f' }],
  ['frontend backend a', { kind: 'backend,frontend' }],
])('queryOf "%s"', (words, query) => {
  expect(queryOf(watch(words))).toEqual(query);
});

it.each([
  ['', ['b:a', 'f:a', 'f:f', 'new']],
  ['backend', ['b:a']],
  ['frontend', ['f:a', 'f:f']],
  ['backend a frontend f', ['b:a', 'f:f']],
  ['backend x frontend', ['f:a', 'f:f']],
])('isWanted "%s"', (words, names) => {
  const events = {
    'b:a': { type: 'backend', backend: 'a' },
    'f:a': { type: 'frontend', frontend: 'a' },
    'f:f': { type: 'frontend', frontend: 'f' },
    new: { type: 'another' },
  };
  const wanted = Object.entries(events).filter(([, event]) => isWanted(watch(words), event));
  expect(wanted.map(([name]) => name)).toEqual(names);
});

describe('of a project', () => {
  const events = {
    a: { type: 'backend', backend: 'a' },
    'lab/a': { type: 'backend', backend: 'lab/a', project: 'lab' },
    'lab/f': { type: 'frontend', frontend: 'lab/f', project: 'lab' },
    'default/a/b': { type: 'backend', backend: 'default/a/b' },
  };

  it.each([
    ['', {}, {}, ['a', 'lab/a', 'lab/f', 'default/a/b']],
    ['', { project: 'lab' }, { project: 'lab' }, ['lab/a', 'lab/f']],
    ['', { project: 'default' }, { project: 'default' }, ['a', 'default/a/b']],
    ['backend', { project: 'lab' }, { kind: 'backend', project: 'lab' }, ['lab/a']],
    ['backend a', {}, { kind: 'backend', name: 'a' }, ['a']],
    ['backend a', { project: 'lab' }, { kind: 'backend', name: 'a', project: 'lab' }, ['lab/a']],
    ['backend a/b', {}, { kind: 'backend', name: 'a/b' }, ['default/a/b']],
  ])('"%s" with %j', (words, flags, query, names) => {
    const wanted = watch(words, flags);
    expect(queryOf(wanted)).toEqual(query);
    const shown = Object.entries(events).filter(([, event]) => isWanted(wanted, event));
    expect(shown.map(([name]) => name)).toEqual(names);
  });
});
