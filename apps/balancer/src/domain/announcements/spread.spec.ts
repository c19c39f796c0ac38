import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leaderRanks } from './leader-ranks.js';
import { spread, type SpreadItem } from './spread.js';

const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,6}$/), { minLength: 1, maxLength: 60 });
const nodes = fc.uniqueArray(fc.stringMatching(/^n[a-z0-9]{1,4}$/), { minLength: 2, maxLength: 9 });

const everywhere = (items: readonly string[], places: readonly string[]): SpreadItem[] =>
  items.map((name) => ({ name, places }));

function loadsOf(places: readonly string[], found: ReadonlyMap<string, string>): number[] {
  const all = [...found.values()];
  return places.map((place) => all.filter((one) => one === place).length);
}

function moved(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  return [...before.keys()].filter((name) => after.has(name) && after.get(name) !== before.get(name));
}

describe('leaders', () => {
  it('are spread evenly, whatever order things come in', () =>
    fc.assert(
      fc.property(names, nodes, fc.infiniteStream(fc.nat()), (items, places, order) => {
        const found = spread(everywhere(items, places));
        const loads = loadsOf(places, found);
        expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
        const shuffled = <T>(all: readonly T[]): T[] =>
          all
            .map((one) => ({ one, at: order.next().value! }))
            .sort((a, b) => a.at - b.at)
            .map(({ one }) => one);
        expect(spread(everywhere(shuffled(items), shuffled(places)))).toEqual(found);
      }),
    ));

  it('of one set are on different nodes, in different zones, where these are enough', () =>
    fc.assert(
      fc.property(names, nodes, fc.nat(4), fc.integer({ min: 1, max: 4 }), (items, places, size, zones) => {
        const zoneOf = (place: string): string => `zone ${places.indexOf(place) % zones}`;
        const set = items.slice(0, size);
        const found = spread(everywhere(items, places), [set], zoneOf);
        const taken = set.map((name) => found.get(name)!);
        expect(new Set(taken).size).toBe(Math.min(set.length, places.length));
        const kinds = Math.min(zones, places.length);
        expect(new Set(taken.map(zoneOf)).size).toBe(Math.min(set.length, kinds));
      }),
    ));

  it('one that comes moves fewer than there are nodes', () =>
    fc.assert(
      fc.property(names, nodes, (items, places) => {
        const [, ...others] = items;
        const changes = moved(spread(everywhere(others, places)), spread(everywhere(items, places)));
        expect(changes.length).toBeLessThan(places.length);
      }),
    ));

  it('a node that goes gives its own away, and few others move', () =>
    fc.assert(
      fc.property(names, nodes, (items, places) => {
        const [gone, ...left] = places;
        const before = spread(everywhere(items, places));
        const after = spread(everywhere(items, left));
        const others = moved(before, after).filter((name) => before.get(name) !== gone);
        expect(others.length).toBeLessThanOrEqual(Math.ceil(items.length / places.length) + left.length);
      }),
    ));

  it('are only where they can be; without a place there is none', () => {
    const items = [
      { name: 'a', places: ['n1'] },
      { name: 'b', places: ['n1'] },
      { name: 'c', places: ['n1', 'n2'] },
      { name: 'd', places: [] },
    ];
    expect(new Map([...spread(items)].sort())).toEqual(
      new Map([
        ['a', 'n1'],
        ['b', 'n1'],
        ['c', 'n2'],
      ]),
    );
  });
});

describe('ranks', () => {
  const zoneOf = (place: string): string => place;

  it('name each node once, the leader first', () =>
    fc.assert(
      fc.property(names, nodes, (items, places) => {
        const led = items.map((name) => ({ name, nodes: places }));
        const ranks = leaderRanks(led, [items.slice(0, 2)], zoneOf);
        const leaders = spread(everywhere(items, places), [items.slice(0, 2)]);
        for (const name of items) {
          expect(ranks.get(name)![0]).toBe(leaders.get(name));
          expect([...ranks.get(name)!].sort()).toEqual([...places].sort());
        }
      }),
    ));

  it('spread what a node leads over all others when it goes', () => {
    const items = Array.from({ length: 12 }, (_, at) => `192.0.2.${at}`);
    const places = ['n1', 'n2', 'n3', 'n4'];
    const ranks = leaderRanks(
      items.map((name) => ({ name, nodes: places })),
      [],
      zoneOf,
    );
    for (const leader of places) {
      const seconds = items
        .filter((name) => ranks.get(name)![0] === leader)
        .map((name) => ranks.get(name)![1]);
      expect(new Set(seconds).size).toBe(3);
    }
  });

  it('of a set: who takes over leads none of it, if there is one', () => {
    const led = ['a', 'b'].map((name) => ({ name, nodes: ['n1', 'n2', 'n3'] }));
    const ranks = leaderRanks(led, [['a', 'b']], zoneOf);
    expect(ranks.get('a')![1]).toBe(ranks.get('b')![1]);
    const two = leaderRanks(
      led.map(({ name }) => ({ name, nodes: ['n1', 'n2'] })),
      [['a', 'b']],
      zoneOf,
    );
    expect([...two.values()].map((nodes) => nodes.join())).toEqual(
      expect.arrayContaining(['n1,n2', 'n2,n1']),
    );
  });

  it('of nobody are empty', () =>
    expect(leaderRanks([{ name: 'a', nodes: [] }], [], zoneOf)).toEqual(new Map([['a', []]])));
});
