import { describe, expect, it } from '@jest/globals';
import { APPLY_DEADLINE } from './apply-turn.js';
import { MOST_WAIT_MS } from './drivers/haproxy/haproxy-control.js';

describe('APPLY_DEADLINE', () => {
  it('leaves time for a reload after the longest waits for tables of clients', () => {
    const waits = MOST_WAIT_MS.beforeReload + MOST_WAIT_MS.afterReload;
    expect(APPLY_DEADLINE.deadlineMs).toBeGreaterThan(waits);
  });
});
