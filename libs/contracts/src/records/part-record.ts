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
 * An accepted part: what the plugin proposed (its resources carry the four provenance annotations), the facts and
 * lineages it came from, the run that made it, and sha256 over canonical resources + directives.
 */
export interface Part extends ProposedPart, PartRef {
  readonly owner: string;
  readonly runId: string;
  readonly attempt: number;
  readonly subscription: string;
  readonly plugin: string;
  readonly group: string;
  readonly revision: number;
  readonly facts: readonly RunFact[];
  readonly digest: string;
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
