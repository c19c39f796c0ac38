import type { ErrorBody, RunOrder, RunState } from '@signalbox/contracts';
import type { PendingFact } from './pending-ledger.js';

/** Where the planner starts; the records behind it are folded afterwards. */
export interface PlannerSnapshot {
  readonly pending: readonly PendingFact[];
  /** Unfinished runs with the order of their latest attempt. */
  readonly runs: readonly {
    readonly order: RunOrder;
    readonly state: RunState;
    readonly retryAtMs?: number;
  }[];
  /** Orders of runs of batches that ended behind the position from which records are folded. */
  readonly ended?: readonly RunOrder[];
}

/** A run that failed and is not tried again by itself: write a dead letter. */
export interface FinalFailure {
  readonly order: RunOrder;
  readonly at: string;
  readonly error: ErrorBody;
}
