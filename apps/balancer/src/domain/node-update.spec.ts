import { describe, expect, it } from '@jest/globals';
import { canonicalJson, digestOf, type NodeAnnouncements, type NodeListener } from '@signalbox/contracts';
import fc from 'fast-check';
import { nodeListener } from './node-listener.js';
import {
  afterUpdate,
  nodeUpdate,
  type NodeUpdate,
  type NodeWanted,
  planOf,
  type StandingState,
} from './node-update.js';
import { aModel, aNode, aTarget } from './node.fixture.js';

const NODE = aNode('edge-1');
const PLAN = planOf(NODE);
const STAMP = { at: '2026-05-30T12:00:00.000Z', epoch: 'e1' };

const listener = (name: string, weight = 100): NodeListener =>
  nodeListener(aModel(name), [aTarget('10.0.0.1', { effective: weight })], NODE, undefined)!;

type Wanted = NodeWanted['listeners'];

/** What has to be written for other listeners. */
function update(
  standing: StandingState | undefined,
  listeners: Wanted,
  { plan = PLAN, stamp = STAMP } = {},
): NodeUpdate | undefined {
  return nodeUpdate(plan, standing, { listeners }, stamp);
}

const wanted = (...listeners: NodeListener[]): Wanted => new Map(listeners.map((one) => [one.name, one]));

function told(standing: StandingState | undefined, change: Wanted): StandingState | undefined {
  const found = update(standing, change);
  return found ? afterUpdate(standing, found) : standing;
}

describe('what is written for a node', () => {
  const fresh = update(undefined, wanted(listener('b'), listener('a')))!;
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
    expect(update(standing, wanted(listener('a'), listener('b')))).toBeUndefined();
    expect(update(standing, new Map([['gone', undefined]]))).toBeUndefined();
  });

  it('is what changed, in the other place, and the next generation', () => {
    const stamp = { ...STAMP, epoch: 'e2' };
    const found = update(standing, wanted(listener('a'), listener('b', 50)), { stamp })!;
    expect(found.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.b.b']);
    expect(found.manifest).toMatchObject({ epoch: 'e1', generation: 2 });
    const next = update(afterUpdate(standing, found), wanted(listener('b')))!;
    expect(next.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.b.a']);
  });

  it('is a manifest without the listener that left', () => {
    const found = update(standing, new Map([['a', undefined]]))!;
    expect(found).toMatchObject({ listeners: [], gone: ['a'] });
    expect(found.manifest.listeners.map(({ name }) => name)).toEqual(['b']);
  });

  it('is a manifest alone for another interval or driver, and for a node without listeners', () => {
    for (const plan of [
      { ...PLAN, syncIntervalMs: 1 },
      { ...PLAN, driver: 'haproxy' as const },
      {
        ...PLAN,
        vpp: {
          ipv4SrcAddress: '10.0.0.1',
          ipv6SrcAddress: 'fd00::1',
          stickyBucketsPerCore: 1,
          flowTimeoutSeconds: 40,
        },
      },
    ])
      expect(update(standing, new Map(), { plan })).toMatchObject({ listeners: [], manifest: plan });
    expect(update(undefined, new Map())?.manifest.listeners).toEqual([]);
  });

  it('is a listener again whose state cannot be read', () => {
    const damaged = {
      ...standing,
      listeners: new Map([...standing.listeners].filter(([name]) => name !== 'a')),
    };
    const found = update(damaged, wanted(listener('a'), listener('b')))!;
    expect(found.listeners.map(({ key }) => key)).toEqual(['edge-1.listener.a.b']);
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
        for (const { key } of update(before, change)?.listeners ?? []) expect(named).not.toContain(key);
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
        const [one, other] = [change, reversed].map((given) => JSON.stringify(update(undefined, given)));
        expect(other).toBe(one);
      }),
    );
  });
});

describe('what is written of announcements', () => {
  const some = (address: string): NodeAnnouncements => ({ prefixes: [`${address}/32`], peers: [], vips: [] });
  const announced = (
    standing: StandingState | undefined,
    announcements?: NodeWanted['announcements'],
  ): NodeUpdate | undefined =>
    nodeUpdate(PLAN, standing, { listeners: new Map(), ...(announcements && { announcements }) }, STAMP);
  const first = announced(undefined, some('192.0.2.1'))!;
  const standing = afterUpdate(undefined, first);

  it('is one key that the manifest names', () => {
    const text = canonicalJson(some('192.0.2.1'));
    expect(first.announcements).toEqual({ key: 'edge-1.announcements.a', text });
    expect(first.manifest.announcements).toEqual({
      key: 'edge-1.announcements.a',
      digest: digestOf(some('192.0.2.1')),
    });
  });

  it('is nothing when they stand, or when nobody asks', () => {
    expect(announced(standing, some('192.0.2.1'))).toBeUndefined();
    expect(announced(standing)).toBeUndefined();
    expect(update(standing, wanted(listener('a')))!.manifest.announcements).toEqual(
      first.manifest.announcements,
    );
  });

  it('lies in the other place when it changed, and in the first one after that', () => {
    const second = announced(standing, some('192.0.2.2'))!;
    expect(second.announcements?.key).toBe('edge-1.announcements.b');
    expect(second.manifest.generation).toBe(2);
    const third = announced(afterUpdate(standing, second), some('192.0.2.1'))!;
    expect(third.announcements?.key).toBe('edge-1.announcements.a');
  });

  it('is a manifest alone when nothing is to be announced any more', () => {
    const none = announced(standing, 'nothing')!;
    expect(none).not.toHaveProperty('announcements');
    expect(none.manifest).not.toHaveProperty('announcements');
    expect(announced(afterUpdate(standing, none), 'nothing')).toBeUndefined();
  });

  it('is written again when it cannot be read', () => {
    const silent = { ...standing, isSilent: true };
    const again = announced(silent, some('192.0.2.1'))!;
    expect(again.announcements?.key).toBe('edge-1.announcements.b');
    expect(afterUpdate(silent, again)).not.toHaveProperty('isSilent');
    const other = update(silent, wanted(listener('a')))!;
    expect(afterUpdate(silent, other)).toHaveProperty('isSilent', true);
  });
});
