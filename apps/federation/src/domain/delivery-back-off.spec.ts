import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DELIVERY_BACK_OFF, deliveryBackOffMs } from './delivery-back-off.js';

describe('deliveryBackOffMs', () => {
  it('doubles from 200 ms up to 5 min', () => {
    const longest = [1, 2, 3, 4, 11, 12, 13, 1000].map((tries) => deliveryBackOffMs(tries, 1));
    expect(longest).toEqual([200, 400, 800, 1600, 204_800, 300_000, 300_000, 300_000]);
  });

  it('is full jitter: any share of it, never more than 5 min, whole milliseconds', () => {
    expect(deliveryBackOffMs(3, 0)).toBe(0);
    expect(deliveryBackOffMs(3, 0.5)).toBe(400);
    const law = (tries: number, share: number): boolean => {
      const ms = deliveryBackOffMs(tries, share);
      return Number.isInteger(ms) && ms >= 0 && ms <= DELIVERY_BACK_OFF.longestMs;
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true }), law));
  });
});
