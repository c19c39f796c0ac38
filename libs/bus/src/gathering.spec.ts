import { expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { BATCH_SIZE } from './backlog.js';
import { Gathering } from './gathering.js';

it('hands on together what came in one turn, in order, in pieces of a bounded size', async () => {
  const handed: (readonly number[])[] = [];
  const gathering = new Gathering<number>((together) => void handed.push(together));
  const all = Array.from({ length: BATCH_SIZE + 2 }, (_, n) => n);
  for (const n of all) gathering.add(n);
  expect(handed).toEqual([all.slice(0, BATCH_SIZE)]);
  await until('the rest', () => handed.length === 2);
  expect(handed[1]).toEqual(all.slice(BATCH_SIZE));
  gathering.add(-1);
  await until('what came in a later turn', () => handed.length === 3);
  expect(handed[2]).toEqual([-1]);
});
