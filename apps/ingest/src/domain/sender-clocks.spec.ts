import { expect, it } from '@jest/globals';
import { SenderClocks } from './sender-clocks.js';

const NOW = 1_700_000_000_000;

it('O12 tells who is off, by what was signed last', () => {
  const clocks = new SenderClocks();
  clocks.note('b', NOW + 600_000, NOW, false);
  clocks.note('a', NOW - 1000, NOW, true);
  expect(clocks.all()).toEqual([
    { sender: 'a', skewMs: -1000 },
    { sender: 'b', skewMs: 600_000 },
  ]);
  clocks.note('b', NOW, NOW, true);
  expect(clocks.all()).toContainEqual({ sender: 'b', skewMs: 0 });
});

it('O12 an old request that is sent again says nothing of a clock', () => {
  const clocks = new SenderClocks();
  clocks.note('a', NOW, NOW, true);
  clocks.note('a', NOW - 1000, NOW + 3_600_000, false);
  expect(clocks.all()).toEqual([{ sender: 'a', skewMs: 0 }]);
});

it('remembers a bounded number of senders, those heard last', () => {
  const clocks = new SenderClocks();
  for (let n = 0; n < 1000; n += 1) clocks.note(`n${n}`, NOW, NOW, true);
  expect(clocks.size).toBe(256);
  expect(clocks.all().map(({ sender }) => sender)).toContain('n999');
});
