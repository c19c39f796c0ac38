import { expect, it } from '@jest/globals';
import { SampleBook } from './sample-book.js';

it('keeps the newest of each thing, oldest first', () => {
  const book = new SampleBook(2);
  for (const n of [1, 2, 3]) book.add(n, new Map([['a', n * 10]]));
  expect(book.of('a')).toEqual([
    { atMs: 2, used: 20 },
    { atMs: 3, used: 30 },
  ]);
  expect(book.largest).toBe(2);
});

it('keeps what it knows of a thing that cannot be measured, and forgets one that is gone', () => {
  const book = new SampleBook(5);
  book.add(
    1,
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  );
  book.add(2, new Map([['a', undefined]]));
  expect([book.of('a'), book.of('b')]).toEqual([[{ atMs: 1, used: 1 }], []]);
});
