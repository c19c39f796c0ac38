import { describe, expect, it } from '@jest/globals';
import {
  type Attempt,
  attemptOf,
  attemptOver,
  failedAttempt,
  isRetryDue,
  nextAt,
  NO_ATTEMPT,
  RELEASED,
} from './attempt.js';
import { SinkFault } from './sink-fault.js';

const NOW = Date.parse('2026-05-30T12:00:00.000Z');
const WAITS = { minWait: '1s', maxWait: '3s' };
const OPEN = { firstAt: NOW, lastAt: NOW };

function fault(mayPass: boolean, restMs?: number, step: 'check' | 'send' = 'send'): SinkFault {
  return new SinkFault(step, { code: 'sink-refused', message: 'no' }, 'line 3', mayPass, restMs);
}

/** After failures with these documents, one right after the other. */
function failed(...digests: readonly string[]): Attempt {
  return digests.reduce(
    (attempt: Attempt, digest) => failedAttempt(attemptOf(attempt, digest), fault(true), digest, NOW),
    NO_ATTEMPT,
  );
}

describe('an attempt that fails', () => {
  it('counts failures of one document at one step', () => {
    expect(failed('a', 'a', 'a').failure).toEqual({
      step: 'send',
      error: { code: 'sink-refused', message: 'no' },
      output: 'line 3',
      attempts: 3,
      retryAt: '2026-05-30T12:00:04.000Z',
    });
    expect(failed('a', 'a', 'b').failure?.attempts).toBe(1);
    expect(failedAttempt(failed('a', 'a'), fault(true, undefined, 'check'), 'a', NOW).failure?.attempts).toBe(
      1,
    );
  });

  it('is not tried again when that would not help', () => {
    const attempt = failedAttempt(NO_ATTEMPT, fault(false), 'a', NOW);
    expect(attempt.failure).not.toHaveProperty('retryAt');
    expect([isRetryDue(attempt, Infinity), nextAt(attempt, undefined, WAITS)]).toEqual([false, undefined]);
  });

  it('is tried again at its time, or with what is open then', () => {
    const attempt = failed('a');
    expect([isRetryDue(attempt, NOW + 999), isRetryDue(attempt, NOW + 1000)]).toEqual([false, true]);
    expect(nextAt(attempt, undefined, WAITS)).toBe(NOW + 1000);
    expect(nextAt(attempt, { firstAt: NOW, lastAt: NOW + 500 }, WAITS)).toBe(NOW + 1500);
  });

  it('leaves the target alone for as long as that asks, whatever the document', () => {
    const rested = failedAttempt(NO_ATTEMPT, fault(true, 60_000), 'a', NOW);
    expect(rested.failure?.retryAt).toBe('2026-05-30T12:01:00.000Z');
    for (const attempt of [rested, attemptOf(rested, 'b'), attemptOver(rested)])
      expect(nextAt(attempt, OPEN, WAITS)).toBe(NOW + 60_000);
    expect(nextAt(RELEASED, OPEN, WAITS)).toBe(0);
    // asking for less than we would wait anyway changes nothing
    const soon = failedAttempt(failed('a', 'a', 'a'), fault(true, 1), 'a', NOW);
    expect(soon.failure?.retryAt).toBe('2026-05-30T12:00:08.000Z');
  });
});

describe('an attempt that is let through', () => {
  it('is of the next document, then of that one only', () => {
    const one = attemptOf(RELEASED, 'a');
    expect([one.isReleased, attemptOf(one, 'a').isReleased, attemptOf(one, 'b').isReleased]).toEqual([
      true,
      true,
      false,
    ]);
    expect(attemptOver(one)).toEqual(NO_ATTEMPT);
  });

  it('stays so while it fails, and when no document could be made', () => {
    expect(failedAttempt(attemptOf(RELEASED, 'a'), fault(true), 'a', NOW).isReleased).toBe(true);
    expect(attemptOf(failedAttempt(RELEASED, fault(false), undefined, NOW), 'a')).toEqual({
      digest: 'a',
      isReleased: true,
    });
  });

  it('is due at once, and after a failure when that is tried again', () => {
    expect(nextAt(RELEASED, undefined, WAITS)).toBe(0);
    const again = failedAttempt(attemptOf(RELEASED, 'a'), fault(true), 'a', NOW);
    expect(nextAt(again, undefined, WAITS)).toBe(NOW + 1000);
  });
});

it('without failure and changes nothing is due', () => {
  expect(nextAt(NO_ATTEMPT, undefined, WAITS)).toBeUndefined();
  expect(nextAt(NO_ATTEMPT, OPEN, WAITS)).toBe(NOW + 1000);
});
