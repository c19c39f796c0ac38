import type { ErrorBody, RunOrder, RunState } from '@signalbox/contracts';
import type { MatchedFact } from './run-order.js';

/** Where the planner starts: the rows of its tables at one position of each stream. */
export interface PlannerSnapshot {
  /**
   * Only pending lineages need to be here. `matched`: the newest matched fact when matchedSeq > plannedSeq.
   * `matchedRevision` of its rule: needed when the fact is pending again while its run at an older revision is in
   * flight (matchedSeq = plannedSeq of that run; give plannedSeq 0 then).
   */
  readonly lineages: readonly {
    readonly subscription: string;
    readonly group: string;
    readonly lineage: string;
    readonly matched?: MatchedFact;
    readonly matchedSeq: number;
    readonly matchedRevision?: number;
    readonly plannedSeq: number;
  }[];
  /** Unfinished runs with the order of their latest attempt. */
  readonly runs: readonly {
    readonly order: RunOrder;
    readonly state: RunState;
    readonly retryAtMs?: number;
  }[];
}

/** A run that failed and is not tried again by itself: write a dead letter. */
export interface FinalFailure {
  readonly order: RunOrder;
  readonly at: string;
  readonly error: ErrorBody;
}
