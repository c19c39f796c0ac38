import { parseDuration } from './duration.js';
import type { EventSubscriptionSpec } from './kinds/specs.js';
import type { RetryPolicy } from './records/run-record.js';

/** What a subscription gets that says nothing. Spec/federation "Subscriptions". */
export const RETRY_DEFAULTS: RetryPolicy = { maxAttempts: 3, backoffMs: 1000, maxBackoffMs: 60_000 };

/** How the runs of a subscription are retried. Throws `bad-grammar` when the spec was not validated. */
export function retryPolicyOf(spec: EventSubscriptionSpec): RetryPolicy {
  const { maxAttempts, backoff, maxBackoff } = spec.retry ?? {};
  return {
    maxAttempts: maxAttempts ?? RETRY_DEFAULTS.maxAttempts,
    backoffMs: backoff === undefined ? RETRY_DEFAULTS.backoffMs : parseDuration(backoff),
    maxBackoffMs: maxBackoff === undefined ? RETRY_DEFAULTS.maxBackoffMs : parseDuration(maxBackoff),
  };
}
