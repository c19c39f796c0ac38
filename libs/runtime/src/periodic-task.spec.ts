import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PeriodicTask } from './periodic-task.js';

const EVERY_MS = 1000;

describe('a periodic task', () => {
  let begun: number;
  let end: () => void;
  let task: PeriodicTask;

  beforeEach(() => {
    jest.useFakeTimers();
    begun = 0;
    task = new PeriodicTask(EVERY_MS, () => {
      begun += 1;
      return new Promise((resolve) => (end = resolve));
    });
    task.start();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

  it('has its first turn after the time, not at once', async () => {
    await pass(EVERY_MS - 1);
    expect(begun).toBe(0);
    await pass(1);
    expect(begun).toBe(1);
  });

  it('counts from the end of a turn, however long it takes', async () => {
    await pass(10 * EVERY_MS);
    expect(begun).toBe(1);
    end();
    await pass(EVERY_MS - 1);
    expect(begun).toBe(1);
    await pass(1);
    expect(begun).toBe(2);
  });

  it('is stopped when the turn in work has ended, and has no other', async () => {
    await pass(EVERY_MS);
    let isStopped = false;
    const stopped = task.stop().then(() => (isStopped = true));
    await pass(EVERY_MS);
    expect([task.isStopped, isStopped]).toEqual([true, false]);
    end();
    await stopped;
    await pass(10 * EVERY_MS);
    expect(begun).toBe(1);
  });

  it('has no turn when it is stopped before the first, or started after its stop', async () => {
    await task.stop();
    task.start();
    await pass(10 * EVERY_MS);
    expect(begun).toBe(0);
  });
});
