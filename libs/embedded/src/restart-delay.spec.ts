import { describe, expect, it } from '@jest/globals';
import { restartDelay } from './restart-delay.js';

describe('restartDelay', () => {
  it('doubles from 100 ms to 5 s while the server keeps dying', () => {
    const delays: number[] = [];
    for (let i = 0; i < 8; i++) delays.push(restartDelay(delays.at(-1), 0));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it('starts over after a steady run', () => {
    expect(restartDelay(5000, 9_999)).toBe(5000);
    expect(restartDelay(5000, 10_000)).toBe(100);
  });
});
