import { describe, expect, it } from '@jest/globals';
import { BATCH_LIMITS, type BatchPolicy } from '@signalbox/contracts';
import fc from 'fast-check';
import { batchDueMs, nextBatch } from './gathering.js';
import { aMatch, aRule, NOON } from './given.fixture.js';
import { LineageBook } from './lineage-book.js';
import type { MatchedFact } from './run-order.js';

const rule = aRule({ batch: { windowMs: 80 } });

/** The queue of a subscription in which these wait, each of a lineage of its own unless `about` says otherwise. */
function waiting(
  ...facts: readonly { readonly atMs: number; readonly bytes?: number; readonly about?: string }[]
) {
  const book = new LineageBook();
  book.changeRule(rule.subscription, rule);
  for (const [at, { atMs, bytes = 100, about = `x${at}` }] of facts.entries()) {
    const matched: MatchedFact = { ...aMatch(at + 1, about), gathered: { atMs, bytes } };
    book.setPending(book.open(rule.subscription, rule.group, about), matched, rule.revision);
  }
  return book.queue(rule.subscription)!;
}

const lastMinute = BATCH_LIMITS.longestDebounceMs;

describe('batchDueMs', () => {
  it.each<[what: string, batch: BatchPolicy, atMs: number[], due: number]>([
    ['S9 a window starts with the first fact', { windowMs: 80 }, [0, 30], 80],
    ['S7 a debounce starts anew with every fact', { debounceMs: 80 }, [0, 30], 110],
    ['S8 a debounce alone waits a minute at most', { debounceMs: 80 }, [0, 59_990], lastMinute],
    ['S8 a debounce waits as long as the window at most', { windowMs: 100, debounceMs: 80 }, [0, 30], 100],
    ['S7 of a window and a debounce the earlier counts', { windowMs: 100, debounceMs: 80 }, [0, 10], 90],
  ])('%s', (_what, batch, atMs, due) => {
    expect(batchDueMs(waiting(...atMs.map((ms) => ({ atMs: NOON + ms }))), batch)).toBe(NOON + due);
  });

  it('S7 counts the latest fact of a lineage for the debounce, and its first one for the window', () => {
    const queue = waiting({ atMs: NOON, about: 'x' }, { atMs: NOON + 30, about: 'x' });
    expect(batchDueMs(queue, { debounceMs: 80 })).toBe(NOON + 110);
    expect(batchDueMs(queue, { windowMs: 80 })).toBe(NOON + 80);
  });

  it('starts a batch at once that has reached a limit', () => {
    const many = Array.from({ length: BATCH_LIMITS.facts }, () => ({ atMs: NOON }));
    expect(batchDueMs(waiting(...many), { windowMs: 80 })).toBe(0);
    expect(batchDueMs(waiting(...many.slice(1)), { windowMs: 80 })).toBe(NOON + 80);
    const half = { atMs: NOON, bytes: BATCH_LIMITS.bytes / 2 };
    expect(batchDueMs(waiting(half, half), { windowMs: 80 })).toBe(0);
    expect(batchDueMs(waiting(half), { windowMs: 80 })).toBe(NOON + 80);
  });

  it('does not hold what was matched before facts were gathered', () => {
    const book = new LineageBook();
    book.changeRule(rule.subscription, rule);
    book.setPending(book.open(rule.subscription, rule.group, 'x'), aMatch(1), rule.revision);
    expect(batchDueMs(book.queue(rule.subscription)!, { windowMs: 80 })).toBeLessThan(NOON);
  });
});

describe('nextBatch', () => {
  it('has the facts that came first, within both limits, and at least one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(BATCH_LIMITS.bytes), { minLength: 1, maxLength: 40 }), (sizes) => {
        const queue = waiting(...sizes.map((bytes) => ({ atMs: NOON, bytes })));
        const { facts } = nextBatch(queue, NOON);
        const taken = facts.reduce((sum, { gathered }) => sum + (gathered?.bytes ?? 0), 0);
        const next = sizes[facts.length] ?? Infinity;
        expect(facts.map(({ fact }) => fact.seq)).toEqual(facts.map((_, at) => at + 1));
        expect(facts.length).toBeGreaterThan(0);
        expect(taken <= BATCH_LIMITS.bytes || facts.length === 1).toBe(true);
        expect(taken + next).toBeGreaterThan(BATCH_LIMITS.bytes);
      }),
    );
  });

  it('has 1,024 facts at most', () => {
    const queue = waiting(...Array.from({ length: BATCH_LIMITS.facts + 1 }, () => ({ atMs: NOON })));
    expect(nextBatch(queue, NOON).facts).toHaveLength(BATCH_LIMITS.facts);
  });

  it('has an order of 512 KiB at most, in bytes of its JSON, and starts at once when that is reached', () => {
    // two bytes each character: a bound on characters would take twice as many
    const about = (at: number): string => `${at} ${'ü'.repeat(2_000)}`;
    const facts = Array.from({ length: 100 }, (_, at) => ({ atMs: NOON, about: about(at) }));
    const queue = waiting(...facts);
    const batch = nextBatch(queue, NOON).facts.map(({ fact }) => fact);
    const sizeOf = (order: readonly object[]): number =>
      order.reduce<number>((sum, fact) => sum + Buffer.byteLength(JSON.stringify(fact)), 0);
    const next = [...queue.ready.ascending()][batch.length]!.pending!.fact.fact;

    expect(BATCH_LIMITS.orderBytes).toBe(512 * 1024);
    expect(sizeOf(batch)).toBeLessThanOrEqual(BATCH_LIMITS.orderBytes);
    expect(sizeOf([...batch, next])).toBeGreaterThan(BATCH_LIMITS.orderBytes);
    expect(batch.map(({ seq }) => seq)).toEqual(batch.map((_, at) => at + 1));

    expect(batchDueMs(queue, { windowMs: 80 })).toBe(0);
    expect(batchDueMs(waiting(...facts.slice(0, batch.length)), { windowMs: 80 })).toBe(NOON + 80);
    expect(batchDueMs(waiting(...facts.slice(0, batch.length + 1)), { windowMs: 80 })).toBe(0);
  });

  it('takes a fact whose order alone is larger, and nothing beside it', () => {
    const large = { atMs: NOON, about: 'x'.repeat(BATCH_LIMITS.orderBytes) };
    const { facts } = nextBatch(waiting(large, { atMs: NOON }), NOON);
    expect(facts.map(({ fact }) => fact.seq)).toEqual([1]);
  });

  it('leaves out what has expired while it was gathered', () => {
    const book = new LineageBook();
    book.changeRule(rule.subscription, rule);
    const expired = { ...aMatch(1, 'x', '2026-05-30T12:00:00Z'), gathered: { atMs: NOON, bytes: 1 } };
    const live = { ...aMatch(2, 'y'), gathered: { atMs: NOON, bytes: 1 } };
    for (const [about, matched] of Object.entries({ x: expired, y: live }))
      book.setPending(book.open(rule.subscription, rule.group, about), matched, rule.revision);
    const batch = nextBatch(book.queue(rule.subscription)!, NOON + 1);
    expect(batch.facts).toEqual([live]);
    expect(batch.expired.map(({ lineage }) => lineage)).toEqual(['x']);
  });
});
