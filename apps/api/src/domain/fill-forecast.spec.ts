import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { forecast, type Sample } from './fill-forecast.js';

const MINUTE_MS = 60_000;

/** One a minute. */
function samples(...used: readonly number[]): Sample[] {
  return used.map((one, minute) => ({ atMs: minute * MINUTE_MS, used: one }));
}

describe('a forecast', () => {
  it('follows steady growth to the bound', () => {
    expect(forecast(samples(10, 20, 30, 40, 50), 110)).toEqual({
      growthPerHour: expect.closeTo(600),
      outlook: 'filling',
      fullInSeconds: 360,
    });
  });

  it('is that it never fills while nothing grows, or it shrinks by little', () => {
    expect(forecast(samples(50, 50, 50, 50, 50), 100)).toEqual({ growthPerHour: 0, outlook: 'never' });
    const shrinking = forecast(samples(100, 99, 98, 97, 96), 1000);
    expect(shrinking).toEqual({ growthPerHour: expect.closeTo(-60), outlook: 'never' });
  });

  it('is that it never fills when it would take decades', () => {
    expect(forecast(samples(0, 1, 2, 3, 4), 1e9).outlook).toBe('never');
  });

  it('knows nothing of few samples, and of none', () => {
    expect(forecast(samples(1, 2, 3, 4), 100)).toEqual({ outlook: 'unknown' });
    expect(forecast([], 100)).toEqual({ outlook: 'unknown' });
    expect(forecast([], 0)).toEqual({ outlook: 'unknown' });
  });

  it('knows nothing of samples of one time', () => {
    const together = samples(1, 2, 3, 4, 5).map(({ used }) => ({ atMs: 7, used }));
    expect(forecast(together, 100)).toEqual({ outlook: 'unknown' });
  });

  it('says how a thing without a bound grows, and no more', () => {
    expect(forecast(samples(1, 2, 3, 4, 5), undefined)).toEqual({
      growthPerHour: expect.closeTo(60),
      outlook: 'unknown',
    });
  });

  it('is now when the bound is reached, however little is known', () => {
    expect(forecast(samples(100), 100)).toEqual({ outlook: 'full', fullInSeconds: 0 });
    expect(forecast(samples(96, 97, 98, 99, 101), 100)).toMatchObject({ outlook: 'full', fullInSeconds: 0 });
  });

  it('begins anew when much of it went: purged, or made anew after a restart', () => {
    expect(forecast(samples(1000, 2000, 3000, 0, 60), 10_000)).toEqual({ outlook: 'unknown' });
    expect(forecast(samples(1000, 2000, 3000, 0, 60, 120, 180, 240), 480)).toEqual({
      growthPerHour: expect.closeTo(3600),
      outlook: 'filling',
      fullInSeconds: 240,
    });
  });

  it('sees a thing that is pruned in small steps as it is over time', () => {
    const sawtooth = Array.from({ length: 60 }, (_, minute) => 1000 + (minute % 5) * 10);
    expect(Math.abs(forecast(samples(...sawtooth), 2000).growthPerHour!)).toBeLessThan(20);
  });

  it('finds the line whatever the times of its samples are', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 360 }), { minLength: 5, maxLength: 60 }),
        (perMinute, start, minutes) => {
          const line = [...minutes]
            .sort((a, b) => a - b)
            .map((minute) => ({ atMs: minute * MINUTE_MS, used: start + minute * perMinute }));
          const { growthPerHour } = forecast(line, undefined);
          expect(growthPerHour! / (60 * perMinute)).toBeCloseTo(1, 3);
        },
      ),
    );
  });
});
