import { describe, expect, it } from '@jest/globals';
import { certificateWarning } from './certificate-end.js';

const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
const WEEK_MS = 7 * 86_400_000;

describe('certificateWarning', () => {
  it.each([
    ['2026-06-05T11:59:59Z', 'the certificate ends in 5 days (2026-06-05)'],
    ['2026-06-06T12:00:00Z', 'the certificate ends in 7 days (2026-06-06)'],
    ['2026-06-01T11:00:00Z', 'the certificate ends in 47 hours (2026-06-01)'],
    ['2026-05-30T13:30:00Z', 'the certificate ends in 90 minutes (2026-05-30)'],
    ['2026-05-30T12:01:00Z', 'the certificate ends in 1 minute (2026-05-30)'],
    ['2026-05-20T12:00:00Z', 'the certificate ended 10 days ago (2026-05-20)'],
  ])('%s: %s', (end, warning) => {
    expect(certificateWarning(Date.parse(end), NOW_MS, WEEK_MS)).toBe(warning);
  });

  it('says nothing of a later end', () => {
    expect(certificateWarning(NOW_MS + WEEK_MS + 1, NOW_MS, WEEK_MS)).toBeUndefined();
  });
});
