import { describe, expect, it } from '@jest/globals';
import { lineageOf } from '@signalbox/contracts';
import { aMatch, aRule } from './given.fixture.js';
import { LineageBook, REMEMBERED_RUNS } from './lineage-book.js';
import { orderOf } from './run-order.js';

describe('LineageBook', () => {
  it('keeps a lineage only while it is pending or in flight', () => {
    const book = new LineageBook();
    const rule = aRule();
    book.changeRule(rule.subscription, rule);
    const matched = aMatch(1);
    const order = orderOf(rule, matched);
    const lineage = lineageOf(matched.fact.origin, matched.fact.factKey);
    book.setPending(book.open(rule.subscription, rule.group, lineage), matched, rule.revision);
    book.occupy(order, 'queued', 0);
    book.advance(book.find(rule.subscription, rule.group, lineage)!, 1, rule.revision);
    expect(book.queue(rule.subscription)?.lineages.size).toBe(1);
    expect(book.plannable.size).toBe(0);
    book.finish(book.runs.get(order.runId)!, 'succeeded');
    expect(book.queue(rule.subscription)).toBeUndefined();
    expect([book.runs.size, book.pendingCount]).toEqual([0, 0]);
  });

  it('offers a subscription for planning only while it has a free place', () => {
    const book = new LineageBook();
    const rule = aRule({ concurrency: 1 });
    book.changeRule(rule.subscription, rule);
    book.occupy(orderOf(rule, aMatch(1, 'x')), 'queued', 0);
    book.setPending(book.open(rule.subscription, rule.group, 'y'), aMatch(2, 'y'), rule.revision);
    expect(book.plannable.size).toBe(0);
    book.changeRule(rule.subscription, aRule({ concurrency: 2 }));
    expect(book.plannable.size).toBe(1);
  });

  it('remembers a bounded number of finished runs, the latest', () => {
    const book = new LineageBook();
    for (let n = 0; n <= REMEMBERED_RUNS; n += 1) book.remember(`run-${n}`, 1);
    expect(book.isFinished('run-0', 1)).toBe(false);
    expect(book.isFinished('run-1', 1)).toBe(true);
    expect(book.isFinished('run-1', 2)).toBe(false);
  });
});
