import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RunOrder } from './records/run-record.js';
import { type EndedRecord, errorOfEnd, retryAtMs, retryDelayMs } from './run-retry.js';

const NOON = Date.parse('2026-05-30T12:00:00Z');
const policy = { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 };
const order: RunOrder = {
  runId: 'run-1',
  attempt: 1,
  subscription: 'claims',
  plugin: 'to-claim',
  group: 'edge',
  revision: 3,
  source: 'EventSubscription/claims/0011223344556677',
  facts: [],
  retry: policy,
};

function ended(
  of: RunOrder,
  outcome: 'failed' | 'lost',
  error: EndedRecord['error'] = { code: 'plugin-exit', message: 'exit code 1' },
): EndedRecord {
  const at = new Date(NOON).toISOString();
  return { type: 'ended', at, order: of, outcome, ...(outcome === 'failed' && { error }) };
}

describe('retryDelayMs', () => {
  it('S22 doubles up to the cap, with a jitter of a half to one that depends on (runId, attempt) only', () => {
    const policies = fc.record({
      maxAttempts: fc.constant(9),
      backoffMs: fc.nat(10_000),
      maxBackoffMs: fc.nat(100_000),
    });
    fc.assert(
      fc.property(policies, fc.string(), fc.integer({ min: 1, max: 2000 }), (given, runId, attempt) => {
        const longest = Math.min(given.backoffMs * 2 ** Math.min(attempt - 1, 40), given.maxBackoffMs);
        const delay = retryDelayMs(given, runId, attempt);
        expect(delay).toBeGreaterThanOrEqual(longest / 2);
        expect(delay).toBeLessThanOrEqual(longest);
        expect(Number.isInteger(delay)).toBe(true);
        expect(retryDelayMs({ ...given, maxAttempts: 1 }, runId, attempt)).toBe(delay);
      }),
    );
  });

  it('spreads runs that failed together', () => {
    const delays = Array.from({ length: 100 }, (_, n) => retryDelayMs(policy, `run-${n}`, 1));
    expect(new Set(delays).size).toBeGreaterThan(80);
  });
});

describe('retryAtMs', () => {
  it('counts from the end of the attempt', () => {
    expect(retryAtMs(ended(order, 'failed'))).toBe(NOON + retryDelayMs(policy, order.runId, 1));
  });

  it('S5 has no next attempt after the last one', () => {
    expect(retryAtMs(ended({ ...order, attempt: 2 }, 'failed'))).toBeDefined();
    expect(retryAtMs(ended({ ...order, attempt: 3 }, 'failed'))).toBeUndefined();
  });

  it('has no next attempt after an error that stays', () => {
    const error = { code: 'plugin-untrusted', message: 'group may write' } as const;
    expect(retryAtMs(ended(order, 'failed', error))).toBeUndefined();
  });

  it('S22 tries a lost attempt again', () => {
    expect(errorOfEnd(ended(order, 'lost')).code).toBe('run-lost');
    expect(retryAtMs(ended(order, 'lost'))).toBeDefined();
  });

  it('S19 gives a piece of a batch one attempt for what its facts cause, and all for what hits any run', () => {
    const piece = { ...order, halving: { of: 'run-0', after: 'run-0.3', rest: [] } };
    expect(retryAtMs(ended(piece, 'failed'))).toBeUndefined();
    expect(retryAtMs(ended(piece, 'lost'))).toBeDefined();
    const error = { code: 'plugin-start-failed', message: 'no such file' } as const;
    expect(retryAtMs(ended(piece, 'failed', error))).toBeDefined();
  });
});
