import { describe, expect, it } from '@jest/globals';
import { Backlog, BATCH_BYTES, BATCH_SIZE } from './backlog.js';
import type { StreamMessage } from './stream-message.js';

function message(seq: number, bytes = 10, subject = 'one'): StreamMessage {
  return { stream: 'ACTIVITY', seq, subject, data: new Uint8Array(bytes), time: 0 };
}

function backlogOf(messages: readonly StreamMessage[]): Backlog {
  const backlog = new Backlog(({ subject }) => subject === 'patient');
  for (const one of messages) backlog.add(one);
  return backlog;
}

/** The sequences of all batches. */
function batchesOf(backlog: Backlog): number[][] {
  const batches: number[][] = [];
  while (!backlog.isEmpty) batches.push(backlog.take().map(({ seq }) => seq));
  return batches;
}

describe('a backlog', () => {
  it('gives batches of a bounded number of messages, in order', () => {
    const seqs = Array.from({ length: BATCH_SIZE + 2 }, (_, n) => n + 1);
    const backlog = backlogOf(seqs.map((seq) => message(seq)));
    expect([backlog.fillsBatch, backlog.isFull]).toEqual([true, false]);
    expect(batchesOf(backlog)).toEqual([seqs.slice(0, BATCH_SIZE), seqs.slice(BATCH_SIZE)]);
    expect(backlog.fillsBatch).toBe(false);
  });

  it('ends a batch when its data is enough, and gives a message alone that is more than enough', () => {
    const half = BATCH_BYTES / 2;
    const sizes = [half, half, 10, 3 * BATCH_BYTES, 10, 10];
    const backlog = backlogOf(sizes.map((bytes, n) => message(n + 1, bytes)));
    expect(backlog.isFull).toBe(true);
    expect(batchesOf(backlog)).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect([backlog.fillsBatch, backlog.isFull]).toEqual([false, false]);
  });

  it('is urgent while a message is in it that must not wait', () => {
    const backlog = backlogOf([message(1, BATCH_BYTES, 'patient'), message(2), message(3, 10, 'patient')]);
    expect(backlog.isUrgent).toBe(true);
    backlog.take();
    expect(backlog.isUrgent).toBe(true);
    backlog.take();
    expect([backlog.isUrgent, backlog.isEmpty]).toEqual([false, true]);
  });
});
