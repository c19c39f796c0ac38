import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MINUTE, NOON, SECOND } from './given.fixture.js';
import { SLOW_START_STEPS, slowStart } from './slow-start.js';

describe('slowStart', () => {
  it('gives the weight in ten equal steps, the first at once', () => {
    const weights = Array.from({ length: 10 }, (_, step) =>
      slowStart(50, NOON, MINUTE, NOON + step * 6 * SECOND),
    );
    expect(weights.map((ramp) => ramp?.weight)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50]);
    expect(weights[0]).toEqual({ weight: 5, nextStepMs: NOON + 6 * SECOND, endMs: NOON + MINUTE });
  });

  it('changes at the step, not before', () => {
    expect(slowStart(100, NOON, MINUTE, NOON + 6 * SECOND - 1)?.weight).toBe(10);
    expect(slowStart(100, NOON, MINUTE, NOON + 6 * SECOND)?.weight).toBe(20);
  });

  it('is over after its time', () => {
    expect(slowStart(100, NOON, MINUTE, NOON + MINUTE - 1)?.weight).toBe(100);
    expect(slowStart(100, NOON, MINUTE, NOON + MINUTE)).toBeUndefined();
  });

  it('never gives 0 to a weight above 0, and nothing to weight 0', () => {
    expect(slowStart(1, NOON, MINUTE, NOON)?.weight).toBe(1);
    expect(slowStart(0, NOON, MINUTE, NOON)).toBeUndefined();
  });

  it('is off at 0 ms', () => {
    expect(slowStart(100, NOON, 0, NOON)).toBeUndefined();
  });

  it.each([1, SECOND, MINUTE])(
    'the clock is behind by %i ms: the first step until it has caught up, then the ramp',
    (behindMs) => {
      const sinceMs = NOON + behindMs;
      expect(slowStart(100, sinceMs, MINUTE, NOON)).toEqual({
        weight: 10,
        nextStepMs: sinceMs,
        endMs: sinceMs,
      });
      expect(slowStart(100, sinceMs, MINUTE, sinceMs)).toMatchObject({
        weight: 10,
        nextStepMs: sinceMs + 6 * SECOND,
      });
    },
  );

  it('the clock was set back by more than the ramp: it is over', () => {
    expect(slowStart(100, NOON + MINUTE + 1, MINUTE, NOON)).toBeUndefined();
    expect(slowStart(100, NOON + 60 * MINUTE, MINUTE, NOON)).toBeUndefined();
  });

  it('wherever the clock is, the weight is no less than the first step and the wait no longer than the ramp', () => {
    const weight = fc.integer({ min: 1, max: 100 });
    const duration = fc.integer({ min: 0, max: 10 * MINUTE });
    const age = fc.integer({ min: -20 * MINUTE, max: 20 * MINUTE });
    fc.assert(
      fc.property(weight, duration, age, (given, slowStartMs, ageMs) => {
        const ramp = slowStart(given, NOON - ageMs, slowStartMs, NOON);
        expect(ramp !== undefined).toBe(-slowStartMs <= ageMs && ageMs < slowStartMs);
        if (!ramp) return;
        expect(ramp.weight).toBeGreaterThanOrEqual(Math.ceil(given / SLOW_START_STEPS));
        expect(ramp.weight).toBeLessThanOrEqual(given);
        for (const untilMs of [ramp.nextStepMs, ramp.endMs]) {
          expect(untilMs).toBeGreaterThan(NOON);
          expect(untilMs).toBeLessThanOrEqual(NOON + slowStartMs);
        }
      }),
    );
  });

  it('never falls, ends at the weight, and reaches the end in at most ten wakes of a clock that is not behind', () => {
    const weight = fc.integer({ min: 1, max: 100 });
    const duration = fc.integer({ min: 1, max: 10 * MINUTE });
    fc.assert(
      fc.property(weight, duration, fc.integer({ min: -5, max: MINUTE }), (given, slowStartMs, ageMs) => {
        const reached: number[] = [];
        let nowMs = NOON + ageMs;
        for (let ramp; (ramp = slowStart(given, NOON, slowStartMs, nowMs)); nowMs = ramp.nextStepMs) {
          expect(ramp.nextStepMs).toBeGreaterThan(nowMs);
          expect(ramp.nextStepMs).toBeLessThanOrEqual(ramp.endMs);
          reached.push(ramp.weight);
        }
        expect(reached).toEqual([...reached].sort((a, b) => a - b));
        expect(reached.length).toBeLessThanOrEqual(SLOW_START_STEPS + (ageMs < 0 ? 1 : 0));
        expect(Math.max(1, ...reached)).toBeLessThanOrEqual(given);
      }),
    );
  });
});
