import type { Resource, ResourceRef } from '../resource.js';
import type { Cause, PartRef } from './part-record.js';

/** One resource of the effective config with where it comes from. */
export interface EffectiveResource {
  readonly resource: Resource;
  /** The part it stems from; absent for operator resources. */
  readonly part?: PartRef;
  /** The revision that put an operator resource; absent for parts. */
  readonly revision?: number;
}

/** A part that is held back because it does not merge. */
export interface QuarantinedPart extends PartRef {
  readonly reason: string;
}

/** An operator resource that masks hide. */
export interface SuppressedResource {
  readonly target: ResourceRef;
  /** Sources of the parts that mask it, sorted. */
  readonly maskedBy: readonly string[];
  /** When the last of them ends, as its generation is recorded; absent: one of them is held. RFC 3339. */
  readonly until?: string;
  /** What they say about it, sorted, joined by `; `. Absent: nothing. */
  readonly reason?: string;
}

/**
 * What changed from generation N-1 to N: a record of `activity.config.*`, appended by `renderer` only, in the message of the
 * decisions that it follows from unless that grows too large.
 * Large generations are split in chunks of one generation number; the last one has `complete: true`.
 * `digest` is the configuration digest (ADR 0003) after the whole generation.
 */
export interface EffectiveRecord {
  readonly type: 'generation';
  readonly generation: number;
  readonly chunk: number;
  readonly complete: boolean;
  readonly at: string;
  readonly cause: Cause;
  readonly revision: number;
  readonly digest: string;
  readonly resources: number;
  readonly added: readonly EffectiveResource[];
  readonly changed: readonly EffectiveResource[];
  readonly removed: readonly ResourceRef[];
  readonly quarantined: readonly QuarantinedPart[];
  /** All that masks hide in this generation; absent: nothing. */
  readonly suppressed?: readonly SuppressedResource[];
}
