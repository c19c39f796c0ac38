import { type ErrorBody, ERRORS } from './errors.js';
import { sha256Hex } from './canonical-json.js';
import type { RetryPolicy, RunRecord } from './records/run-record.js';
import { timestampMs } from './timestamp.js';

/** The record of an ended attempt. */
export type EndedRecord = Extract<RunRecord, { type: 'ended' }>;

/** 2^52 times any back-off is beyond every cap, and the power stays exact. */
const MAX_DOUBLINGS = 52;
const JITTER_DIGITS = 12;

/**
 * Whole milliseconds from the end of a failed attempt to the next one: backoffMs doubled per attempt, at most
 * maxBackoffMs, times a jitter of 0.5-1 that depends on (runId, attempt) only, so that every reader of the same
 * records gets the same time. Attempts count from 1.
 */
export function retryDelayMs(policy: RetryPolicy, runId: string, attempt: number): number {
  const doublings = Math.min(attempt - 1, MAX_DOUBLINGS);
  const longest = Math.min(policy.backoffMs * 2 ** doublings, policy.maxBackoffMs);
  const seed = sha256Hex(`${runId} ${attempt}`).slice(0, JITTER_DIGITS);
  const share = Number.parseInt(seed, 16) / (16 ** JITTER_DIGITS - 1);
  return Math.round(longest * (0.5 + 0.5 * share));
}

/** Why an attempt ended without a result; a lost attempt without an error of its own is `run-lost`. */
export function errorOfEnd(record: EndedRecord): ErrorBody {
  if (record.error) return record.error;
  if (record.outcome === 'lost')
    return { code: 'run-lost', message: 'the runner stopped between the start and the end of the attempt' };
  return { code: 'internal', message: `the attempt ended ${record.outcome} and no reason was recorded` };
}

/**
 * When a failed or lost attempt is followed by the next one, or undefined when there is none: the last attempt is
 * used up, or the error does not go away by itself (ERRORS[code].retryable).
 */
export function retryAtMs(record: EndedRecord): number | undefined {
  const { runId, attempt, retry } = record.order;
  if (attempt >= retry.maxAttempts || !ERRORS[errorOfEnd(record).code].retryable) return undefined;
  return timestampMs(record.at) + retryDelayMs(retry, runId, attempt);
}
