import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Pace } from './pace.js';

beforeEach(() => void jest.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void jest.useRealTimers());

/** Lets things come at a steady rate for a second; whether the last one has to wait, when a turn has just begun. */
function waitsAt(perSecond: number): boolean {
  const pace = new Pace();
  for (let n = 0; n < perSecond; n += 1) {
    jest.advanceTimersByTime(1000 / perSecond);
    pace.came();
  }
  pace.begin();
  return pace.dueMs > performance.now();
}

it.each([1, 10, 100, 200])('lets %d a second through at once', (perSecond) => {
  expect(waitsAt(perSecond)).toBe(false);
});

it.each([500, 1000])('makes %d a second take turns', (perSecond) => {
  expect(waitsAt(perSecond)).toBe(true);
});

it('forgets a burst soon', () => {
  const pace = new Pace();
  for (let n = 0; n < 1000; n += 1) pace.came();
  jest.advanceTimersByTime(1000);
  pace.came();
  pace.begin();
  expect(pace.dueMs).toBeLessThanOrEqual(performance.now());
});
