import { pauseMs } from './kubernetes-back-off.js';

const BACK_OFF = { firstMs: 500, longestMs: 30_000 };

describe('the pause between two tries', () => {
  it('doubles up to the longest', () => {
    expect([1, 2, 3, 6, 7, 8, 1000].map((failures) => pauseMs(BACK_OFF, failures, 1))).toEqual([
      500, 1000, 2000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is left to chance in its upper half', () => {
    expect(pauseMs(BACK_OFF, 2, 0)).toBe(500);
    expect(pauseMs(BACK_OFF, 2, 0.5)).toBe(750);
  });

  it('is as long as the server wants, within the longest', () => {
    expect(pauseMs(BACK_OFF, 1, 0, 5000)).toBe(5000);
    expect(pauseMs(BACK_OFF, 1, 0, 3_600_000)).toBe(30_000);
    expect(pauseMs(BACK_OFF, 7, 1, 5000)).toBe(30_000);
  });
});
