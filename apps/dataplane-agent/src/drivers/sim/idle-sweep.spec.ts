import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_TIMEOUTS } from '@signalbox/contracts';
import { IdleSweep, isTooLong, Stillness } from './idle-sweep.js';
import type { Carried } from './target.js';

/** Ends itself when it was looked at so often. */
class Counted implements Carried {
  readonly bytesIn = 0;
  readonly bytesOut = 0;
  readonly looks: number[] = [];

  constructor(
    private readonly standing: Set<Carried>,
    private readonly most: number,
  ) {
    standing.add(this);
  }

  look(nowMs: number): void {
    if (this.looks.push(nowMs) === this.most) this.cut();
  }

  cut(): void {
    this.standing.delete(this);
  }
}

describe('a sweep of what a listener carries', () => {
  let standing: Set<Carried>;
  beforeEach(() => {
    jest.useFakeTimers();
    standing = new Set();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const sweep = (timeouts = DEFAULT_TIMEOUTS): IdleSweep =>
    new IdleSweep(
      standing,
      () => timeouts,
      () => Date.now(),
    );

  it('looks at all of it, sixteen times in the shortest time that is allowed', () => {
    const startedMs = Date.now();
    const all = [new Counted(standing, 100), new Counted(standing, 100)];
    sweep({ connectMs: 3200, clientMs: 0, targetMs: 4000 }).begin();
    jest.advanceTimersByTime(600);
    for (const { looks } of all) expect(looks.map((at) => at - startedMs)).toEqual([200, 400, 600]);
  });

  it.each([
    ['every 10 ms at most', { connectMs: 1, clientMs: 1, targetMs: 1 }, 100],
    ['once a second at least', { connectMs: 60_000, clientMs: 600_000, targetMs: 600_000 }, 1],
    ['once a second when nothing ends by itself', { connectMs: 0, clientMs: 0, targetMs: 0 }, 1],
  ])('looks %s', (_often, timeouts, looks) => {
    const one = new Counted(standing, 1000);
    sweep(timeouts).begin();
    jest.advanceTimersByTime(1000);
    expect(one.looks).toHaveLength(looks);
  });

  it('rests while there is nothing, and has one timer however often it begins', () => {
    const one = sweep();
    const first = new Counted(standing, 2);
    one.begin();
    one.begin();
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect(first.looks).toHaveLength(2);
    expect(jest.getTimerCount()).toBe(0);
    const second = new Counted(standing, 1);
    one.begin();
    jest.advanceTimersByTime(10_000);
    expect(second.looks).toHaveLength(1);
  });
});

it('stillness lasts since a look that found something moved', () => {
  const stillness = new Stillness();
  expect([
    stillness.at(1000, 0),
    stillness.at(1500, 0),
    stillness.at(2000, 7),
    stillness.at(2900, 7),
  ]).toEqual([0, 500, 0, 900]);
});

it.each([
  [99, 100, false],
  [100, 100, true],
  [1_000_000, 0, false],
])('%d ms of %d allowed are too long: %s', (took, allowed, is) => {
  expect(isTooLong(took, allowed)).toBe(is);
});
