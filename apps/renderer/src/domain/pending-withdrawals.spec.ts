import { describe, expect, it } from '@jest/globals';
import { formatTime } from '@signalbox/contracts';
import { type Cancellation, PendingWithdrawals, type Withdrawal } from './pending-withdrawals.js';

const NOW = Date.parse('2026-05-30T12:00:00Z');

function withdrawal(owner: string, inMs: number, ...lineages: string[]): Withdrawal {
  const about = lineages.length > 0 && { lineages };
  return {
    type: 'withdrawn',
    at: formatTime(NOW),
    owner,
    dueAt: formatTime(NOW + inMs),
    reason: 'r',
    ...about,
  };
}

function cancellation(owner: string, ...lineages: string[]): Cancellation {
  const about = lineages.length > 0 && { lineages };
  return { type: 'withdraw-cancelled', at: formatTime(NOW), owner, reason: 'seen again', ...about };
}

/** Owner and lineages of what is due. */
function due(pending: PendingWithdrawals, inMs: number): string[] {
  return pending
    .takeDue(NOW + inMs)
    .map(
      ({ withdrawal: { owner, lineages = ['all'] }, cause }) => `${cause.seq} ${owner} ${lineages.join()}`,
    );
}

function given(...withdrawals: Withdrawal[]): PendingWithdrawals {
  const pending = new PendingWithdrawals();
  for (const [index, one] of withdrawals.entries())
    pending.add(one, { stream: 'ACTIVITY', seq: 7 + (index >> 1), index: index % 2 });
  return pending;
}

describe('withdrawals that are not due yet', () => {
  it('come at their time, once, the earliest first', () => {
    const pending = given(withdrawal('a', 20), withdrawal('b', 10), withdrawal('c', 30));
    expect([pending.nextMs, pending.firstSeq]).toEqual([NOW + 10, 7]);
    expect(due(pending, 9)).toEqual([]);
    expect(due(pending, 20)).toEqual(['7 b all', '7 a all']);
    expect([due(pending, 20), pending.nextMs, pending.firstSeq]).toEqual([[], NOW + 30, 8]);
    expect(due(pending, 30)).toEqual(['8 c all']);
    expect([pending.nextMs, pending.firstSeq]).toEqual([undefined, undefined]);
  });

  it('never come for lineages that were cancelled', () => {
    const pending = given(withdrawal('a', 10, 'x', 'y'), withdrawal('b', 10, 'x'), withdrawal('a', 20, 'x'));
    pending.cancel(cancellation('a', 'x', 'z'));
    expect(due(pending, 30)).toEqual(['7 a y', '7 b x']);
  });

  it('of everything are cancelled as a whole only', () => {
    const pending = given(withdrawal('a', 10), withdrawal('a', 20, 'x'));
    pending.cancel(cancellation('a', 'x'));
    expect(due(pending, 10)).toEqual(['7 a all']);
    pending.add(withdrawal('a', 10), { stream: 'ACTIVITY', seq: 9 });
    pending.cancel(cancellation('a'));
    expect(pending.nextMs).toBeUndefined();
  });
});
