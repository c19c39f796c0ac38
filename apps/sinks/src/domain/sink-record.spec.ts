import { describe, expect, it } from '@jest/globals';
import { decodeSinkRecord, type SinkRecord } from '@signalbox/contracts';
import { RETRY_MS, retryWaitMs } from './back-off.js';
import { nextRecord, type Standing } from './sink-record.js';

const NOW = Date.parse('2026-05-30T12:00:00.000Z');
const CONTENT = {
  generation: 4,
  digest: 'a'.repeat(64),
  bytes: 10,
  resources: 4,
  at: '2026-05-30T12:00:00.000Z',
  place: '/sinks/a',
};
const APPLIED: Standing = { state: 'applied', revision: 2, generation: 4, content: CONTENT };

function first(standing: Standing): SinkRecord {
  return nextRecord('edge', undefined, standing, NOW)!;
}

describe('the record of a sink', () => {
  it('counts its versions and is one that readers take', () => {
    const record = first(APPLIED);
    expect(record).toEqual({ sink: 'edge', version: 1, at: '2026-05-30T12:00:00.000Z', ...APPLIED });
    const next = nextRecord('edge', record, { ...APPLIED, state: 'paused', reason: 'by ana' }, NOW + 1000)!;
    expect(next).toMatchObject({
      version: 2,
      at: '2026-05-30T12:00:01.000Z',
      state: 'paused',
      content: CONTENT,
    });
    for (const one of [record, next]) expect(decodeSinkRecord(Buffer.from(JSON.stringify(one)))).toEqual(one);
  });

  it('says nothing twice, and nothing because of another generation alone', () => {
    expect(nextRecord('edge', first(APPLIED), { ...APPLIED, generation: 9 }, NOW)).toBeUndefined();
    expect(nextRecord('edge', first(APPLIED), { ...APPLIED, revision: 3 }, NOW)).toMatchObject({
      version: 2,
    });
  });

  it('says of a failure that is tried again how often, and of another the first time only', () => {
    const degraded = (mayPass: boolean, attempts: number): Standing => ({
      ...APPLIED,
      state: 'degraded',
      failure: {
        ...{ step: 'check', error: { code: 'sink-command', message: 'exit 1' }, output: 'line 3', attempts },
        ...(mayPass && { retryAt: `2026-05-30T12:00:0${attempts}.000Z` }),
      },
    });
    expect(nextRecord('edge', first(degraded(true, 1)), degraded(true, 2), NOW)).toMatchObject({
      failure: { attempts: 2, output: 'line 3', retryAt: '2026-05-30T12:00:02.000Z' },
    });
    expect(nextRecord('edge', first(degraded(false, 1)), degraded(false, 2), NOW)).toBeUndefined();
  });
});

describe('retryWaitMs', () => {
  it('doubles from a second to five minutes', () => {
    expect([1, 2, 3, 9].map(retryWaitMs)).toEqual([1000, 2000, 4000, 256_000]);
    for (const attempts of [10, 40, 100_000]) expect(retryWaitMs(attempts)).toBe(RETRY_MS.longest);
  });
});
