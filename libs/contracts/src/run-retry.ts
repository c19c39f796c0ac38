import { type ErrorBody, type ErrorCode, ERRORS } from './errors.js';
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

/** Whether a record says of facts that were not planned that a later one of their lineage takes their place. */
export function madeWay(record: RunRecord): boolean {
  return record.type === 'ended' && record.outcome === 'skipped' && record.error?.code === 'superseded';
}

/** Errors that the facts of a run can be the cause of. All others would hit any run of the plugin alike. */
const CAUSED_BY_FACTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'plugin-exit',
  'plugin-timeout',
  'plugin-output-limit',
  'plugin-output-invalid',
  'capability-missing',
  'secret-in-result',
  'result-too-large',
  'part-conflict',
  'startup-conflict',
  'part-invalid',
  'part-expired',
  'mask-denied',
  'quota-exceeded',
  'retention',
]);

/** Whether a run with several facts that ends with this error is halved, to find those that cause it. */
export function isCausedByFacts(code: ErrorCode): boolean {
  return CAUSED_BY_FACTS.has(code);
}

/**
 * When a failed or lost attempt is followed by the next one, or undefined when there is none: the last attempt is
 * used up, or the error does not go away by itself (ERRORS[code].retryable). A piece of a batch that failed has had its attempts
 * together with the others: for what its facts cause it gets one more only.
 */
export function retryAtMs(record: EndedRecord): number | undefined {
  const { runId, attempt, retry, halving } = record.order;
  const { code } = errorOfEnd(record);
  if (attempt >= retry.maxAttempts || !ERRORS[code].retryable) return undefined;
  if (halving && isCausedByFacts(code)) return undefined;
  return timestampMs(record.at) + retryDelayMs(retry, runId, attempt);
}
