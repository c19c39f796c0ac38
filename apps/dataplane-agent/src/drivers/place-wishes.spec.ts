import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { grantedWishes, type PlaceWish } from './place-wishes.js';

describe('who gets the place it wants', () => {
  it.each<[string, PlaceWish[], string[]]>([
    ['a free place', [{ name: 'a', wants: 'x' }], ['a']],
    ['its own place', [{ name: 'a', wants: 'x', has: 'x' }], ['a']],
    [
      'of two new ones, the first',
      [
        { name: 'a', wants: 'x' },
        { name: 'b', wants: 'x' },
      ],
      ['a'],
    ],
    [
      'who has it, before the first',
      [
        { name: 'a', wants: 'x' },
        { name: 'b', wants: 'x', has: 'x' },
      ],
      ['b'],
    ],
    [
      'two that swap',
      [
        { name: 'a', wants: 'y', has: 'x' },
        { name: 'b', wants: 'x', has: 'y' },
      ],
      ['a', 'b'],
    ],
    [
      'nobody in a chain whose head stays',
      [
        { name: 'a', wants: 'y', has: 'x' },
        { name: 'b', wants: 'z', has: 'y' },
        { name: 'c', wants: 'z', has: 'z' },
      ],
      ['c'],
    ],
  ])('%s', (_what, wishes, granted) => {
    expect([...grantedWishes(wishes)].sort()).toEqual(granted);
  });

  it('never two at one place, and nobody is without the place it had', () => {
    const places = fc.constantFrom('p1', 'p2', 'p3', 'p4');
    const worlds = fc
      .tuple(fc.shuffledSubarray(['p1', 'p2', 'p3', 'p4']), fc.array(places, { minLength: 4, maxLength: 6 }))
      .map(([held, wanted]) =>
        wanted.map((wants, index): PlaceWish => {
          const has = held[index];
          return { name: `l${index}`, wants, ...(has !== undefined && { has }) };
        }),
      );
    fc.assert(
      fc.property(worlds, (wishes) => {
        const granted = grantedWishes(wishes);
        const ends = wishes.flatMap(({ name, wants, has }) =>
          granted.has(name) ? [wants] : has ? [has] : [],
        );
        expect(new Set(ends).size).toBe(ends.length);
        const lost = wishes.filter(({ name, has }) => has === undefined && !granted.has(name));
        for (const { wants } of lost) expect(ends).toContain(wants);
      }),
    );
  });
});
