import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UseIndex } from './use-index.js';

describe('who names what', () => {
  it('is known from both ends, and forgotten', () => {
    const index = new UseIndex();
    index.set('web', ['a', 'b', 'a']);
    index.set('shop', ['b']);
    expect([...index.usersOf('b')]).toEqual(['web', 'shop']);
    expect(index.usedBy('web')).toEqual(['a', 'b']);
    index.set('web', []);
    expect([index.usedBy('web'), [...index.usersOf('a')], [...index.usersOf('b')]]).toEqual([
      [],
      [],
      ['shop'],
    ]);
  });

  it('is what was set last, whatever was before', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.array(name))), (changes) => {
        const index = new UseIndex();
        for (const [user, used] of changes) index.set(user, used);
        const last = new Map(changes);
        for (const one of ['a', 'b', 'c']) {
          const users = [...last].filter(([, used]) => new Set<string>(used).has(one)).map(([user]) => user);
          expect([...index.usersOf(one)].sort()).toEqual(users.sort());
        }
      }),
    );
  });
});
