import { describe, expect, it } from '@jest/globals';
import { effectiveRecords } from './effective-records.js';
import { claim, identity } from './resources.fixture.js';

const HEAD = {
  generation: 7,
  at: '2026-05-30T12:00:00.000Z',
  cause: { stream: 'JOURNAL', seq: 3 },
  revision: 3,
  digest: 'd'.repeat(64),
  resources: 50,
};
const BODY = {
  added: Array.from({ length: 30 }, (_, index) => ({ resource: claim(`a${index}`), revision: 3 })),
  changed: Array.from({ length: 20 }, (_, index) => ({ resource: claim(`c${index}`), revision: 3 })),
  removed: Array.from({ length: 10 }, (_, index) => identity(claim(`r${index}`))),
  suppressed: [{ target: identity(claim('m')), maskedBy: ['s'], reason: 'repair' }],
  quarantined: [{ source: 's', generation: 1, reason: 'because' }],
};

describe('the records of a generation', () => {
  it('is one when it fits', () => {
    expect(effectiveRecords(HEAD, BODY, 1024 * 1024)).toEqual([
      { type: 'generation', ...HEAD, ...BODY, chunk: 0, complete: true },
    ]);
  });

  it('are chunks within the bound that add up, the last one complete', () => {
    const records = effectiveRecords(HEAD, BODY, 1200);

    expect(records.length).toBeGreaterThan(5);
    for (const [chunk, record] of records.entries()) {
      expect(record).toMatchObject({ ...HEAD, chunk, complete: chunk === records.length - 1 });
      expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThanOrEqual(1200);
    }
    expect(records.flatMap(({ added }) => added)).toEqual(BODY.added);
    expect(records.flatMap(({ changed }) => changed)).toEqual(BODY.changed);
    expect(records.flatMap(({ removed }) => removed)).toEqual(BODY.removed);
    expect(records[0]).toMatchObject({ quarantined: BODY.quarantined, suppressed: BODY.suppressed });
    expect(records.slice(1).flatMap(({ suppressed = [] }) => suppressed)).toEqual([]);
  });

  it('hold an entry that is larger than the bound alone', () => {
    const records = effectiveRecords(
      HEAD,
      { ...BODY, changed: [], removed: [], suppressed: [], quarantined: [] },
      1,
    );
    expect(records).toHaveLength(30);
    expect(records.map(({ added }) => added.length)).toEqual(records.map(() => 1));
  });
});
