import { expect, it } from '@jest/globals';
import { RestartDelay } from './restart-delay.js';

/** Milliseconds until it may be started again after each of these ends. */
function delays(...hasWorked: boolean[]): number[] {
  const delay = new RestartDelay();
  expect(delay.isOver(0)).toBe(true);
  let nowMs = 1_000;
  return hasWorked.map((worked) => {
    delay.ended(nowMs, worked);
    const startMs = nowMs;
    while (!delay.isOver(nowMs)) nowMs += 1;
    return nowMs - startMs;
  });
}

it('doubles from 250 ms to 5 s', () => {
  const failed = Array<boolean>(7).fill(false);
  expect(delays(...failed)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
});

it('begins again with a process that has worked', () => {
  expect(delays(false, false, true, false)).toEqual([250, 500, 250, 500]);
});
