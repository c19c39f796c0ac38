import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { FrontendRecord } from '@signalbox/contracts';
import { Clock, Metrics } from '@signalbox/runtime';
import type { FrontendView } from './domain/frontend-view.js';
import { aFrontend, aMember, MINUTE, NOON } from './domain/given.fixture.js';
import { Weighing } from './weighing.js';

const DAY = 24 * 60 * MINUTE;

/** A clock that the test sets; timers run beside it. */
class SetClock extends Clock {
  nowMs = NOON;

  now(): number {
    return this.nowMs;
  }
}

/** The frontend as the config and operators want it at a time. */
type View = (nowMs: number) => FrontendView;

const overriddenUntil =
  (untilMs: number): View =>
  (nowMs) => {
    const override = { author: 'alice', expiresAt: new Date(untilMs).toISOString() };
    return aFrontend([[aMember('nginx1', nowMs < untilMs ? { weight: 20, override } : {})]]);
  };

const slowStarting: View = () =>
  aFrontend([[aMember('nginx1', { sinceMs: NOON })]], { slowStartMs: 10 * DAY });

describe('the wait for a frontend that time alone changes', () => {
  let clock: SetClock;
  let view: View;
  let looks: number;
  let appended: FrontendRecord[];
  let weighing: Weighing;

  beforeEach(() => {
    jest.useFakeTimers();
    clock = new SetClock();
    looks = 0;
    appended = [];
    const records = {
      recall: () => Promise.resolve(undefined),
      append: (record: FrontendRecord) => Promise.resolve(appended.push(record)),
    };
    const viewOf = () => {
      looks += 1;
      return view(clock.now());
    };
    weighing = new Weighing(
      { viewOf } as never,
      {} as never,
      {} as never,
      records as never,
      clock,
      new Metrics(),
    );
  });

  afterEach(() => {
    weighing.stop();
    jest.useRealTimers();
  });

  async function begin(wanted: View): Promise<void> {
    view = wanted;
    await weighing.decide(['web']);
  }

  const weights = () => appended.map(({ targets }) => targets[0]?.effective);

  it('a machine that slept: an override is over a minute after it woke, not a day', async () => {
    await begin(overriddenUntil(NOON + DAY));
    clock.nowMs = NOON + DAY;
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(weights()).toEqual([20, 100]);
  });

  it('a clock that was set ahead: the slow start is at the step of its time', async () => {
    await begin(slowStarting);
    clock.nowMs = NOON + 5 * DAY;
    await jest.advanceTimersByTimeAsync(MINUTE);
    expect(weights()).toEqual([10, 60]);
  });

  it('deciding again writes nothing when nothing changed, and goes on', async () => {
    await begin(overriddenUntil(NOON + DAY));
    for (let minute = 1; minute <= 10; minute += 1) {
      clock.nowMs = NOON + minute * MINUTE;
      await jest.advanceTimersByTimeAsync(MINUTE);
    }
    expect(looks).toBe(1 + 10);
    expect(weights()).toEqual([20]);
  });

  it('a frontend that waits for nothing is not looked at again', async () => {
    await begin(() => aFrontend([[aMember('nginx1')]]));
    await jest.advanceTimersByTimeAsync(10 * MINUTE);
    expect(looks).toBe(1);
  });
});
