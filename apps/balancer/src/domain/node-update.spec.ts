import { describe, expect, it } from '@jest/globals';
import { canonicalJson, digestOf, type NodeListener } from '@signalbox/contracts';
import fc from 'fast-check';
import { nodeListener } from './node-listener.js';
import { afterUpdate, nodeUpdate, planOf, type StandingState } from './node-update.js';
import { aModel, aNode, aTarget } from './node.fixture.js';

const NODE = aNode('edge-1');
const PLAN = planOf(NODE);
const STAMP = { at: '2026-05-30T12:00:00.000Z', epoch: 'e1' };

const listener = (name: string, weight = 100): NodeListener =>
  nodeListener(aModel(name), [aTarget('10.0.0.1', { effective: weight })], NODE, undefined)!;

type Wanted = ReadonlyMap<string, NodeListener | undefined>;

const wanted = (...listeners: NodeListener[]): Wanted => new Map(listeners.map((one) => [one.name, one]));

function told(standing: StandingState | undefined, change: Wanted): StandingState | undefined {
  const update = nodeUpdate(PLAN, standing, change, STAMP);
  return update ? afterUpdate(standing, update) : standing;
}

describe('what is written for a node', () => {
  const fresh = nodeUpdate(PLAN, undefined, wanted(listener('b'), listener('a')), STAMP)!;
  const standing = afterUpdate(undefined, fresh);

  it('is each listener and the manifest, by name', () => {
    expect(fresh.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.a.a', 'edge-1.listener.b.a']);
    expect(fresh.listeners.map(({ text }) => text)).toEqual(
      ['a', 'b'].map((name) => canonicalJson(listener(name))),
    );
    expect(fresh.manifest).toEqual({
      node: 'edge-1',
      epoch: 'e1',
      generation: 1,
      at: STAMP.at,
      driver: 'sim',
      syncIntervalMs: 30_000,
      listeners: [
        { name: 'a', key: 'edge-1.listener.a.a', digest: digestOf(listener('a')) },
        { name: 'b', key: 'edge-1.listener.b.a', digest: digestOf(listener('b')) },
      ],
    });
  });

  it('is nothing when it stands', () => {
    expect(nodeUpdate(PLAN, standing, wanted(listener('a'), listener('b')), STAMP)).toBeUndefined();
    expect(nodeUpdate(PLAN, standing, new Map([['gone', undefined]]), STAMP)).toBeUndefined();
  });

  it('is what changed, in the other place, and the next generation', () => {
    const update = nodeUpdate(PLAN, standing, wanted(listener('a'), listener('b', 50)), {
      ...STAMP,
      epoch: 'e2',
    })!;
    expect(update.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.b.b']);
    expect(update.manifest).toMatchObject({ epoch: 'e1', generation: 2 });
    const next = nodeUpdate(PLAN, afterUpdate(standing, update), wanted(listener('b')), STAMP)!;
    expect(next.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.b.a']);
  });

  it('is a manifest without the listener that left', () => {
    const update = nodeUpdate(PLAN, standing, new Map([['a', undefined]]), STAMP)!;
    expect(update).toMatchObject({ listeners: [], gone: ['a'] });
    expect(update.manifest.listeners.map(({ name }) => name)).toEqual(['b']);
  });

  it('is a manifest alone for another interval or driver, and for a node without listeners', () => {
    for (const plan of [
      { ...PLAN, syncIntervalMs: 1 },
      { ...PLAN, driver: 'haproxy' as const },
    ])
      expect(nodeUpdate(plan, standing, new Map(), STAMP)).toMatchObject({ listeners: [], manifest: plan });
    expect(nodeUpdate(PLAN, undefined, new Map(), STAMP)?.manifest.listeners).toEqual([]);
  });

  it('is a listener again whose state cannot be read', () => {
    const damaged = {
      ...standing,
      listeners: new Map([...standing.listeners].filter(([name]) => name !== 'a')),
    };
    const update = nodeUpdate(PLAN, damaged, wanted(listener('a'), listener('b')), STAMP)!;
    expect(update.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.a.b']);
  });

  const step: fc.Arbitrary<Wanted> = fc
    .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c/d'), fc.constantFrom(undefined, 0, 50)), {
      selector: ([name]) => name,
    })
    .map(
      (changes) =>
        new Map(
          changes.map(([name, weight]) => [name, weight === undefined ? undefined : listener(name, weight)]),
        ),
    );

  it('never lies where the standing manifest points', () => {
    fc.assert(
      fc.property(fc.array(step), step, (history, change) => {
        const before = history.reduce(told, undefined as StandingState | undefined);
        const named = new Set(before?.manifest.listeners.map(({ key }) => key));
        const update = nodeUpdate(PLAN, before, change, STAMP);
        for (const { key } of update?.listeners ?? []) expect(named).not.toContain(key);
      }),
    );
  });

  it('leads to the same listeners however it was reached, with a manifest that names each', () => {
    fc.assert(
      fc.property(fc.array(step), (history) => {
        const reached = history.reduce(told, told(undefined, new Map()))!;
        const last = new Map(history.flatMap((change) => [...change]));
        const expected = [...last.values()]
          .flatMap((one) => one ?? [])
          .map(digestOf)
          .sort();
        expect(reached.manifest.listeners.map(({ digest }) => digest).sort()).toEqual(expected);
        for (const { name, key, digest } of reached.manifest.listeners)
          expect(reached.listeners.get(name)).toMatchObject({ key, digest });
      }),
    );
  });

  it('R9 is the same bytes whatever order the changes come in', () => {
    fc.assert(
      fc.property(step, (change) => {
        const reversed = new Map([...change].reverse());
        const [one, other] = [change, reversed].map((given) =>
          JSON.stringify(nodeUpdate(PLAN, undefined, given, STAMP)),
        );
        expect(other).toBe(one);
      }),
    );
  });
});
