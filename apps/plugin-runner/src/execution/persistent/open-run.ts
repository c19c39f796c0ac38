import type { ProcessOutcome } from '../process-outcome.js';

/** A request for a living process, and who is told what became of it: one of the two, once. */
export interface OpenRun {
  /** `meta.tag` of the request. */
  readonly tag: string;
  /** The request with its line feed. */
  readonly line: string;
  /** When the run began, by `performance.now()`. */
  readonly startedMs: number;
  /** Whether nobody waits for it any more, because the service stops. */
  readonly isOver: boolean;
  /** Whether it may not share its process. */
  readonly isAlone: boolean;
  onOutcome(outcome: ProcessOutcome): void;
  /** The process ends and has not answered. `isBlameless`: because of another run; else it may be because of this one. */
  onInterrupted(isBlameless: boolean): void;
}
