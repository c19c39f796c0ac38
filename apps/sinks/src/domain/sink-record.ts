import {
  canonicalJson,
  formatTime,
  type SinkContent,
  type SinkFailure,
  type SinkRecord,
  type SinkState,
} from '@signalbox/contracts';

/** How a sink stands, as it goes into its next record. */
export interface Standing {
  readonly state: SinkState;
  readonly revision: number;
  readonly generation: number;
  readonly content?: SinkContent;
  readonly failure?: SinkFailure;
  readonly reason?: string;
}

/**
 * The record that says how a sink stands now; undefined when the last one says so already. Another generation alone, or another try that
 * fails the same way without being tried again by itself, is nothing new.
 */
export function nextRecord(
  sink: string,
  last: SinkRecord | undefined,
  standing: Standing,
  now: number,
): SinkRecord | undefined {
  if (last && saidOf(last) === saidOf(standing)) return undefined;
  const { state, revision, generation, content, failure, reason } = standing;
  return {
    sink,
    version: (last?.version ?? 0) + 1,
    at: formatTime(now),
    state,
    revision,
    generation,
    ...(content && { content }),
    ...(failure && { failure }),
    ...(reason !== undefined && { reason }),
  };
}

function saidOf({ state, revision, content, failure, reason }: Standing): string {
  const isTriedAgain = failure?.retryAt !== undefined;
  const failed = failure && { ...failure, attempts: isTriedAgain ? failure.attempts : undefined };
  return canonicalJson({ state, revision, content, reason, failure: failed });
}
