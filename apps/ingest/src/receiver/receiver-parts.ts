import type { IntakeRecord } from '@signalbox/contracts';
import type { Clock, Log } from '@signalbox/runtime';
import type { FactIntake } from '../fact-intake.js';

/** What a port counts, by group. */
export interface ReceiverCounters {
  /**
   * One push was answered. `reason` as in reference 4.4 (`accepted`, `duplicate`, `bad_signature`, …) or one of our
   * error codes; a replay is counted with the reason `replay` on top of its answer.
   */
  count(group: string, outcome: 'accepted' | 'duplicate' | 'rejected' | 'replay', reason: string): void;
  /** Facts of the group that are stored now, for `/v1/status`. */
  storedEvents(group: string): number | Promise<number>;
}

/** A signed push that a port refused by itself. What the intake refuses, the intake records. */
export type RefusedPush = IntakeRecord & { readonly group: string };

/** What every port of a site works with. */
export interface ReceiverParts {
  readonly intake: FactIntake;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: ReceiverCounters;
  /** Called once for every signed push that is refused or replayed; unsigned noise is only counted. */
  readonly onRefused: (refused: RefusedPush) => void;
}
