import { DurationTally } from './duration-tally.js';

/** What an applier counts, from before there is anybody who scrapes it. */
export class PlaneTally {
  /** Changes made to the data plane. */
  writes = 0;
  /** How often it was found otherwise than it was applied. */
  drifts = 0;
  /** States that were offered after a later one. */
  stale = 0;
  /** From the decision to the end of its apply, of the last state. Seconds. */
  lagSeconds: number | undefined;
  /** How long an apply took. */
  readonly applies = new DurationTally();
}
