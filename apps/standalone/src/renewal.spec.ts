import { expect, it } from '@jest/globals';
import { ClaimSite, NOON } from './claim-site.fixture.js';

const MINUTE_MS = 60_000;

it('S21 a host that is observed every 5 minutes with a ttl of 10 is there for the whole hour, without a gap, once', () => {
  const site = new ClaimSite(undefined, 10 * MINUTE_MS);
  for (let minute = 0; minute <= 60; minute += 5) {
    site.until(NOON + minute * MINUTE_MS);
    site.say({ about: 'x' });
    site.read();
    expect(site.names()).toEqual(['x']);
  }
  expect(site.endings).toEqual([]);
  site.until(NOON + 70 * MINUTE_MS - 1);
  expect(site.names()).toEqual(['x']);
  site.until(NOON + 70 * MINUTE_MS);
  expect(site.moments).toEqual([
    { atMs: NOON, generation: 1, names: ['x'] },
    { atMs: NOON + 70 * MINUTE_MS, generation: 2, names: [] },
  ]);
});
