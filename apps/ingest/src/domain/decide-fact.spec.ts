import { describe, expect, it } from '@jest/globals';
import { compareFacts, type Fact } from '@signalbox/contracts';
import fc from 'fast-check';
import {
  decideFact,
  type FactDecision,
  knownAfter,
  type KnownFact,
  type NewestFact,
  withFirstContent,
} from './decide-fact.js';

const T = '2026-05-30T12:00:00Z';
const LATER = '2026-05-30T13:00:00Z';

function fact(id: string, given: Partial<Fact> = {}): Fact {
  return {
    id,
    group: 'cloudedge',
    sourceNode: 'onprem',
    type: 'client.observed',
    subject: '10.0.0.1/32',
    dedupeKey: id,
    payload: { k: 'v' },
    observedAt: T,
    ...given,
  };
}

/** What one site knows of one lineage; facts are offered one by one, as intake does. */
class Lineage {
  readonly facts = new Map<string, { fact: Fact; known: KnownFact }>();
  newest: NewestFact | undefined;
  private seq = 0;

  constructor(private readonly own: boolean) {}

  offer(offered: Fact): FactDecision {
    const stored = this.facts.get(offered.id);
    const decision = decideFact(offered, stored?.known, this.newest, {
      own: this.own,
      nextSeq: this.seq + 1,
    });
    if (decision.outcome === 'keep-first') return this.offer(withFirstContent(offered, stored!.fact));
    if (decision.outcome === 'store') {
      this.seq += 1;
      const known = knownAfter(decision, this.seq);
      this.facts.set(offered.id, { fact: decision.fact, known });
      const { observedAt, originSequence } = known;
      if (decision.current)
        this.newest = {
          id: offered.id,
          observedAt,
          ...(originSequence !== undefined && { originSequence }),
        };
    }
    return decision;
  }

  /** Accepts at the origin, and gives what is pushed to peers. */
  accept(offered: Fact): Fact | undefined {
    const decision = this.offer(offered);
    return decision.outcome === 'store' ? decision.fact : undefined;
  }

  get order(): string[] {
    return [...this.facts.values()]
      .map((stored) => stored.fact)
      .sort(compareFacts)
      .map(({ id }) => id);
  }
}

describe('X5 facts of one lineage with equal observedAt', () => {
  it('the one accepted later at the origin is the newest, whatever its id', () => {
    const origin = new Lineage(true);
    const first = origin.accept(fact('z'));
    const second = origin.accept(fact('a'));
    expect(first).toMatchObject({ originSequence: 1 });
    expect(second).toMatchObject({ originSequence: 2 });
    expect(origin.newest?.id).toBe('a');

    const peer = new Lineage(false);
    expect(peer.offer(second!)).toMatchObject({ current: true });
    expect(peer.offer(first!)).toMatchObject({ current: false });
    expect(peer.newest?.id).toBe('a');
  });

  it('a refresh keeps the sequence of the first acceptance, at the origin and at a peer', () => {
    const origin = new Lineage(true);
    origin.accept(fact('z', { expiresAt: T }));
    origin.accept(fact('a', { expiresAt: T }));
    const refreshed = origin.accept(fact('z', { expiresAt: LATER }));
    expect(refreshed).toMatchObject({ originSequence: 1 });
    expect(origin.newest?.id).toBe('a');
    const peer = new Lineage(false);
    peer.offer(fact('z', { expiresAt: T, originSequence: 1 }));
    expect(peer.offer(fact('z', { expiresAt: LATER }))).toMatchObject({
      change: 'refresh',
      fact: { originSequence: 1 },
    });
  });

  it('a fact that was stored before there were sequences gets none by a refresh', () => {
    const known = { ...knownAfter(stored(fact('z', { expiresAt: T })), 7), originSequence: undefined };
    const { originSequence: _none, ...before } = known;
    const decision = decideFact(fact('z', { expiresAt: LATER }), before, undefined, {
      own: true,
      nextSeq: 8,
    });
    expect(decision).toMatchObject({ outcome: 'store', change: 'refresh' });
    expect((decision as { fact: Fact }).fact).not.toHaveProperty('originSequence');
  });

  it('any order of arrival gives the same newest at every peer, the one of the origin', () => {
    const offers = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'z'),
      observedAt: fc.constantFrom(T, '2026-05-30T14:00:00+02:00', '2026-05-30T12:00:00.5Z'),
      minutes: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(offers, { minLength: 1, maxLength: 10 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (accepted, isGo, random) => {
          const origin = new Lineage(true);
          const pushed = accepted.flatMap(({ id, observedAt, minutes }) => {
            const offered = fact(id, { observedAt, expiresAt: `2026-05-30T15:0${minutes}:00Z` });
            const { originSequence, ...plain } = origin.accept(offered) ?? {};
            if (originSequence === undefined) return [];
            return [(isGo ? plain : { ...plain, originSequence }) as Fact];
          });
          const inOrder = new Lineage(false);
          const shuffled = new Lineage(false);
          for (const one of pushed) inOrder.offer(one);
          const anyOrder = pushed.map((one) => [random.next().value, one] as const).sort(([a], [b]) => a - b);
          for (const [, one] of anyOrder) shuffled.offer(one);
          expect(shuffled.newest?.id).toBe(inOrder.newest?.id);
          expect(shuffled.order).toEqual(inOrder.order);
          expect(shuffled.newest?.id).toBe(shuffled.order.at(-1));
          if (!isGo) expect(shuffled.order).toEqual(origin.order);
        },
      ),
    );
  });
});

describe('X8 other content under a known id', () => {
  const peers = { own: false, nextSeq: 5 };
  const known = knownAfter(stored(fact('e', { expiresAt: T })), 4);

  it('from a peer is a duplicate of the first', () => {
    const changed = fact('e', { payload: { k: 'other' }, expiresAt: T });
    expect(decideFact(changed, known, undefined, peers)).toEqual({
      outcome: 'duplicate',
      seq: 4,
      otherContent: true,
    });
  });

  it('from a peer with a later expiry extends the first', () => {
    const changed = fact('e', { payload: { k: 'other' }, subject: 'x', expiresAt: LATER, observedAt: LATER });
    const first = { ...fact('e', { expiresAt: T, traceparent: 'first' }), originSequence: 3 };
    expect(decideFact(changed, known, undefined, peers)).toEqual({ outcome: 'keep-first', seq: 4 });
    const given = withFirstContent(changed, first);
    expect(given).toEqual({ ...first, observedAt: LATER, expiresAt: LATER });
    expect(decideFact(given, known, undefined, peers)).toMatchObject({
      outcome: 'store',
      change: 'refresh',
      version: 2,
      fact: { payload: { k: 'v' }, subject: '10.0.0.1/32', expiresAt: LATER },
    });
  });

  it('by a local way in is an error, whatever the expiry', () => {
    for (const expiresAt of [T, LATER]) {
      const changed = fact('e', { payload: { k: 'other' }, expiresAt });
      const decide = (): unknown => decideFact(changed, known, undefined, { own: true, nextSeq: 5 });
      expect(decide).toThrow(expect.objectContaining({ code: 'content-conflict' }));
    }
  });

  it('of another origin stays an error from everybody', () => {
    const theirs = fact('e', { sourceNode: 'elsewhere', payload: {} });
    const decide = (): unknown => decideFact(theirs, known, undefined, peers);
    expect(decide).toThrow(expect.objectContaining({ code: 'origin-conflict' }));
  });
});

function stored(first: Fact): Extract<FactDecision, { outcome: 'store' }> {
  return { outcome: 'store', fact: first, change: 'new', version: 1, current: true };
}
