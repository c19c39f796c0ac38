import type { ErrorBody } from '../errors.js';
import type { ProposedPart, RunFact } from './run-record.js';

/** Where a derived record comes from. `index`: the place among the records of a message that holds several, from 0. */
export interface Cause {
  readonly stream: string;
  readonly seq: number;
  readonly index?: number;
}

/** One part by its source and generation. */
export interface PartRef {
  readonly source: string;
  readonly generation: number;
}

/**
 * An accepted part: what a plugin or a BackendSource proposed (its resources carry the provenance annotations), the facts and
 * lineages it came from, and sha256 over canonical resources + directives.
 */
export interface Part extends Omit<ProposedPart, 'expiresAt'>, PartRef {
  /** Who may replace and withdraw it: `EventSubscription/<name>` or `BackendSource/<scoped name>`. */
  readonly owner: string;
  /** The run, or the proposal of a source, that made it. */
  readonly runId: string;
  readonly attempt: number;
  readonly facts: readonly RunFact[];
  readonly digest: string;
  /** Absent: it is held until its owner proposes another one or withdraws it. */
  readonly expiresAt?: string;
  readonly group?: string;
  /** The next three are of runs. */
  readonly subscription?: string;
  readonly plugin?: string;
  readonly revision?: number;
}

/** A part that a run of a plugin made. */
export type PartOfRun = Part &
  Required<Pick<Part, 'expiresAt' | 'group' | 'subscription' | 'plugin' | 'revision'>>;

/** Whether a run of a plugin made a part, and not a BackendSource. */
export function isPartOfRun(part: Part): part is PartOfRun {
  return part.subscription !== undefined;
}

/**
 * What became of a part: records of `activity.config.*`, appended by `renderer` only.
 * `accepted` replaces every older generation of its source and ends the parts in `supersedes` (same owner,
 * no lineage left). The others name the part they end, hold back or bring back.
 */
export type PartRecord =
  | {
      readonly type: 'accepted';
      readonly at: string;
      readonly cause: Cause;
      readonly part: Part;
      readonly supersedes: readonly PartRef[];
    }
  | {
      readonly type: 'rejected';
      readonly at: string;
      readonly cause: Cause;
      readonly runId: string;
      readonly attempt: number;
      readonly owner: string;
      readonly source: string;
      readonly error: ErrorBody;
    }
  | (PartRef & {
      readonly type: 'expired' | 'withdrawn' | 'quarantined' | 'restored';
      readonly at: string;
      readonly cause: Cause;
      readonly owner: string;
      readonly reason: string;
    });

/** Part states as people see them. `superseded` follows from an `accepted` record of a newer part. */
export const PART_STATES = ['active', 'quarantined', 'superseded', 'withdrawn', 'expired'] as const;
export type PartState = (typeof PART_STATES)[number];
