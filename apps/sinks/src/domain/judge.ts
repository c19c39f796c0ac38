import {
  type ConfigSinkSpec,
  SINK_DEFAULTS,
  type SinkFailure,
  type SinkIntent,
  type SinkState,
} from '@signalbox/contracts';
import { type Attempt, attemptOf, isRetryDue } from './attempt.js';
import { type AppliedResources, guardOf } from './guards.js';

/** What somebody else did to a target. */
export interface Drift {
  /** For people: what it has now, and what it should have. */
  readonly what: string;
  /** Nothing of theirs would be lost by writing: what was applied is simply gone. */
  readonly isGone: boolean;
}

/** What a sink would write. */
export interface Wanted {
  readonly digest: string;
  /** Identities of the resources in it. */
  readonly keys: readonly string[];
}

/** What is known of a sink when it is decided what becomes of a document. */
export interface SinkSituation {
  readonly spec: ConfigSinkSpec;
  /** Revision of the spec. */
  readonly revision: number;
  readonly applied?: AppliedResources;
  readonly intent?: SinkIntent;
  readonly drift?: Drift;
  readonly attempt: Attempt;
  /** Milliseconds. */
  readonly now: number;
}

/** What becomes of it. */
export type Verdict =
  | { readonly act: 'apply' }
  | {
      readonly act: 'keep';
      readonly state: Exclude<SinkState, 'degraded' | 'removed'>;
      readonly reason?: string;
    }
  | { readonly act: 'keep'; readonly state: 'degraded'; readonly failure: SinkFailure };

/**
 * What becomes of a document. In this order: a paused sink writes nothing; what somebody else changed is theirs (`onDrift: report`), unless
 * it is only gone and there is something new to write; a target that has the document, by the spec as it stands, gets nothing; what failed is not
 * tried again before its time; guards hold what would take away too much, unless an operator lets it through.
 */
export function judge(situation: SinkSituation, wanted: Wanted): Verdict {
  const { spec, revision, applied, intent, drift, now } = situation;
  const attempt = attemptOf(situation.attempt, wanted.digest);
  const { isReleased, failure } = attempt;
  if (intent?.paused) return { act: 'keep', state: 'paused', reason: pausedText(intent) };
  const isThere = wanted.digest === applied?.content.digest;
  const isReported = drift !== undefined && (spec.onDrift ?? SINK_DEFAULTS.onDrift) === 'report';
  if (isReported && !isReleased && (isThere || !drift.isGone))
    return { act: 'keep', state: 'drifted', reason: drift.what };
  if (isThere && !drift && revision === applied?.revision) return { act: 'keep', state: 'applied' };
  if (failure && !isRetryDue(attempt, now)) return { act: 'keep', state: 'degraded', failure };
  if (isReleased) return { act: 'apply' };
  const guarded = guardOf(spec, wanted.keys, applied);
  if (!guarded) return { act: 'apply' };
  return { act: 'keep', state: guarded.isFirst ? 'waiting' : 'held', reason: guarded.reason };
}

/** Who paused a sink, and why. */
export function pausedText({ author, reason }: SinkIntent): string {
  return reason === '' ? `paused by ${author}` : `paused by ${author}: ${reason}`;
}
