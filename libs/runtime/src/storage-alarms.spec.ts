import { describe, expect, it } from '@jest/globals';
import { storageAlarms } from './storage-alarms.js';

describe('storageAlarms', () => {
  it('says what is not stored, why, since when and what to do', () => {
    const since = Date.parse('2026-11-21T15:06:28.000Z');
    const times = { since, last: since };
    const refusals = new Map([
      ['facts', { ...times, code: 'storage-full' as const, message: 'NATS has no room' }],
      ['activity', { ...times, code: 'nats-unavailable' as const, message: 'no message is acknowledged' }],
    ]);
    expect(storageAlarms(refusals, since + 1000)).toMatchObject([
      { kind: 'storage-refused', name: 'facts', reason: 'storage-full', since: '2026-11-21T15:06:28.000Z' },
      { name: 'activity', text: expect.stringMatching('has to be started again') },
    ]);
    expect(storageAlarms(refusals, since + 600_000)).toEqual([]);
  });
});
