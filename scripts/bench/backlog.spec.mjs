import { describe, expect, it } from '@jest/globals';
import { isSteady } from './backlog.mjs';

/** One look a second. */
function looks(seconds, backlogAt) {
  return Array.from({ length: seconds + 1 }, (_, at) => ({ at, backlog: backlogAt(at) }));
}

describe('isSteady', () => {
  it.each([
    ['stays', () => 40],
    ['is high, and falls', (at) => 500 - at],
    ['breathes', (at) => 40 + (at % 2) * 60],
  ])('holds when the backlog %s', (_title, backlogAt) => {
    expect(isSteady(looks(60, backlogAt), 60, 1000)).toBe(true);
  });

  it('does not hold when the backlog grows all the time', () => {
    expect(
      isSteady(
        looks(60, (at) => at * 20),
        60,
        1000,
      ),
    ).toBe(false);
  });

  it('does not hold when the rate was given up before the end, or never offered', () => {
    expect(
      isSteady(
        looks(20, () => 0),
        60,
        1000,
      ),
    ).toBe(false);
    expect(isSteady([], 60, 1000)).toBe(false);
  });
});
