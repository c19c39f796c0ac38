import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Bucket, type Rate, take } from './token-bucket.js';

const RATE: Rate = { perSecond: 10, burst: 3 };

/** Whether each of some requests at the given moments may pass. */
function passed(rate: Rate, moments: readonly number[]): boolean[] {
  let bucket: Bucket | undefined;
  return moments.map((nowMs) => {
    const taken = take(rate, bucket, nowMs);
    bucket = taken.bucket;
    return taken.waitMs === undefined;
  });
}

describe('a token bucket', () => {
  it('lets a burst pass, then one each time that one has come back', () => {
    expect(passed(RATE, [0, 0, 0, 0, 99, 100, 100, 200])).toEqual([
      ...[true, true, true, false, false],
      ...[true, false, true],
    ]);
  });

  it('says when to come again, and then that one passes', () => {
    const empty: Bucket = { left: 0.25, atMs: 1000 };
    const { waitMs } = take(RATE, empty, 1000);
    expect(waitMs).toBe(75);
    expect(take(RATE, empty, 1000 + waitMs!).waitMs).toBeUndefined();
  });

  it('never lets more pass than burst and rate allow, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 }), (moments) => {
        const through = passed(RATE, moments).filter(Boolean).length;
        const span = Math.max(0, ...moments) - (moments[0] ?? 0);
        expect(through).toBeLessThanOrEqual(RATE.burst + (Math.max(0, span) * RATE.perSecond) / 1000 + 1e-9);
      }),
    );
  });
});
