import { describe, expect, it } from '@jest/globals';
import { MessageBatch } from './message-batch.js';

function watched(...messages: string[]): { batch: MessageBatch<string>; ends: unknown[] } {
  const ends: unknown[] = [];
  const batch = new MessageBatch(messages, {
    handled: (message, body) => void ends.push([message, body]),
    failed: (message, error) => void ends.push([message, (error as Error).message]),
  });
  return { batch, ends };
}

describe('MessageBatch', () => {
  it('lets every message end once, the first time that somebody says how', async () => {
    const { batch, ends } = watched('a', 'b');
    batch.handled('a', 1);
    batch.failed('a', new Error('too late'));
    batch.failed('b', new Error('no'));
    batch.handled('b', 2);
    await batch.settled;
    await batch.settledBy(Promise.resolve());
    expect(ends).toEqual([
      ['a', 1],
      ['b', 'no'],
    ]);
  });

  it.each([
    ['resolves', Promise.resolve(), undefined],
    ['throws', Promise.reject(new Error('away')), 'away'],
  ])('what is left ends with the handler when that %s', async (_how, work, end) => {
    const { batch, ends } = watched('a', 'b', 'c');
    batch.handled('b', 'done');
    await batch.settledBy(work);
    await batch.settled;
    expect(ends).toEqual([
      ['b', 'done'],
      ['a', end],
      ['c', end],
    ]);
  });
});
