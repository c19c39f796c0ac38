import { expect, it } from '@jest/globals';
import { BOUNDS } from '@signalbox/contracts';
import { LOG_LIMIT_BYTES } from '@signalbox/embedded';

it('logs of servers are cut where the list of what a site keeps says', () => {
  expect(LOG_LIMIT_BYTES).toBe(BOUNDS.serverLogBytes);
});
