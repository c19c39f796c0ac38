import { describe, expect, it } from '@jest/globals';
import { lineageOf, type Part, type PartRecord } from '@signalbox/contracts';
import { Heirs } from './heirs.js';
import { StandingParts } from './standing-parts.js';

const AT = '2026-05-30T12:00:00Z';
const CAUSE = { stream: 'ACTIVITY', seq: 1 };

function part(subscription: string, source: string, generation: number, ...abouts: string[]): Part {
  return {
    ...{ subscription, source, generation, group: 'edge', owner: `EventSubscription/${subscription}` },
    ...{ runId: 'r', attempt: 1, plugin: 'p', revision: 1, digest: 'd', observedAt: AT, expiresAt: AT },
    facts: abouts.map((factKey) => ({ seq: 1, id: 'f', origin: 'onprem', factKey, subject: '' })),
    ...{ resources: [], directives: [], actionPlans: [] },
  };
}

function accepted(one: Part, ...supersedes: Part[]): PartRecord {
  const refs = supersedes.map(({ source, generation }) => ({ source, generation }));
  return { type: 'accepted', at: AT, cause: CAUSE, part: one, supersedes: refs };
}

function ended(type: 'expired' | 'withdrawn' | 'quarantined', one: Part): PartRecord {
  const { source, generation, owner } = one;
  return { type, at: AT, cause: CAUSE, source, generation, owner, reason: 'r' };
}

function holders(parts: StandingParts, about: string, group = 'edge', beforeSeq = 2): string[] {
  return [...parts.subscriptionsOf(group, lineageOf('onprem', about), beforeSeq)].sort();
}

describe('the parts of a subscription that was renamed', () => {
  const heir = {
    apiVersion: 'federation.routerd.net/v1alpha1',
    kind: 'EventSubscription',
    metadata: { name: 'new', renamedFrom: 'old' },
    spec: {},
  };

  it('are those of its heir: found, left and remade under the new name', () => {
    const parts = new StandingParts();
    parts.fold(accepted(part('old', 'old/1', 1, 'a', 'b')));
    parts.handOver(new Heirs([heir]));
    expect(holders(parts, 'a')).toEqual(['new']);
    expect([parts.hasOwn('new', 'edge', lineageOf('onprem', 'a')), parts.left()]).toEqual([false, []]);
    parts.leave('new', 'edge', lineageOf('onprem', 'a'), 'why');
    expect(parts.left()).toMatchObject([
      { source: 'old/1', subscription: 'new', facts: [{ factKey: 'b' }], reason: 'why' },
    ]);
    parts.handOver(new Heirs([]));
    expect(holders(parts, 'a')).toEqual(['old']);
  });

  it('are remade when its heir has one of several lineages, also when that is known before', () => {
    const parts = new StandingParts();
    parts.add(part('old', 'old/1', 1, 'a', 'b'));
    parts.add(part('new', 'new/1', 1, 'a'));
    expect(parts.left()).toEqual([]);
    parts.handOver(new Heirs([heir]));
    expect(parts.left()).toMatchObject([{ source: 'old/1', subscription: 'new', facts: [{ factKey: 'b' }] }]);
    expect(parts.hasOwn('new', 'edge', lineageOf('onprem', 'a'))).toBe(true);
  });
});

describe('the parts that stand', () => {
  it('are found by the lineages of their facts', () => {
    const parts = new StandingParts();
    parts.fold(accepted(part('s', 's/1', 1, 'a', 'b')));
    parts.fold(accepted(part('t', 't/1', 1, 'b')));
    expect([holders(parts, 'a'), holders(parts, 'b'), holders(parts, 'c')]).toEqual([['s'], ['s', 't'], []]);
    expect(holders(parts, 'a', 'other')).toEqual([]);
    // the part is from that very fact, or from a newer one
    expect(holders(parts, 'a', 'edge', 1)).toEqual([]);
  });

  it('stand until they end, are replaced, or have no lineage left', () => {
    const parts = new StandingParts();
    const [first, second, other] = [
      part('s', 's/1', 1, 'a'),
      part('s', 's/1', 2, 'b'),
      part('s', 's/2', 1, 'b'),
    ];
    parts.fold(accepted(first));
    parts.fold(accepted(second));
    expect([holders(parts, 'a'), holders(parts, 'b')]).toEqual([[], ['s']]);
    parts.fold(accepted(other, second));
    parts.fold(ended('quarantined', other));
    expect(holders(parts, 'b')).toEqual(['s']);
    parts.fold(ended('expired', other));
    expect(holders(parts, 'b')).toEqual([]);
  });

  it('are not changed by records that are older than what is known', () => {
    const parts = new StandingParts();
    const [first, second] = [part('s', 's/1', 1, 'a'), part('s', 's/1', 2, 'b')];
    parts.add(second);
    parts.fold(accepted(first));
    parts.fold(ended('withdrawn', first));
    expect([holders(parts, 'a'), holders(parts, 'b')]).toEqual([[], ['s']]);
  });
});

describe('what is left of a part of several lineages', () => {
  const whole = part('s', 's/1', 1, 'a', 'b', 'c');

  /** Of each part: the fact keys that are left, and those that are gone. */
  function left(parts: StandingParts): (readonly [string[], readonly string[]])[] {
    return parts.left().map(({ facts, gone }) => [facts.map(({ factKey }) => factKey), gone]);
  }

  it('is what no newer part of the subscription has', () => {
    const parts = new StandingParts();
    parts.fold(accepted(whole));
    parts.fold(accepted(part('t', 't/1', 1, 'a')));
    expect(left(parts)).toEqual([]);
    parts.fold(accepted(part('s', 's/2', 1, 'b')));
    expect(left(parts)).toEqual([[['a', 'c'], []]]);
    expect(parts.left()).toMatchObject([
      { source: 's/1', generation: 1, reason: 'a newer part has 1 of its 3 lineages' },
    ]);
    parts.fold(accepted(part('s', 's/3', 1, 'a', 'c'), whole));
    expect(left(parts)).toEqual([]);
  });

  it('is nothing when all of it is in newer parts', () => {
    const parts = new StandingParts();
    parts.fold(accepted(whole));
    parts.fold(accepted(part('s', 's/2', 1, 'a', 'b')));
    parts.fold(accepted(part('s', 's/3', 1, 'c')));
    expect(left(parts)).toEqual([]);
  });

  it('E16 is run again without a lineage that left for no other part, and a part of that alone is withdrawn', () => {
    const parts = new StandingParts();
    parts.fold(accepted(whole));
    expect(parts.leave('s', 'edge', lineageOf('onprem', 'a'), 'it went')).toBe(false);
    expect(left(parts)).toEqual([[['b', 'c'], [lineageOf('onprem', 'a')]]]);
    parts.fold(accepted(part('s', 's/2', 1, 'b', 'c')));
    expect(left(parts)).toEqual([[[], [lineageOf('onprem', 'a')]]]);
    parts.fold(accepted(part('s', 's/4', 1, 'd')));
    expect(parts.leave('s', 'edge', lineageOf('onprem', 'd'), 'it went')).toBe(true);
  });

  it('is run again once', () => {
    const parts = new StandingParts();
    parts.fold(accepted(whole));
    parts.fold(accepted(part('s', 's/2', 1, 'b')));
    parts.remade({ source: 's/1', generation: 1 });
    expect(left(parts)).toEqual([]);
    parts.fold(accepted(part('s', 's/2', 2, 'b')));
    expect(left(parts)).toEqual([]);
    parts.fold(accepted(part('s', 's/1', 2, 'a', 'b', 'c')));
    parts.fold(accepted(part('s', 's/2', 3, 'b')));
    expect(left(parts)).toEqual([[['a', 'c'], []]]);
  });
});
