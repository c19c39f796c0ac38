/**
 * An immutable observation in its normal form: blanks trimmed, absent strings are `''`, absent times undefined,
 * `dedupeKey` filled in with the id. Times are kept as they came (RFC 3339). Reference 3.1.
 */
export interface Fact {
  readonly id: string;
  readonly group: string;
  readonly sourceNode: string;
  readonly type: string;
  readonly subject: string;
  readonly dedupeKey: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly observedAt: string;
  readonly expiresAt?: string;
  /** CloudEvents and tracing attributes that travel with the fact and are never part of its content. */
  readonly traceparent?: string;
  readonly correlationId?: string;
  readonly causationId?: string;
  /**
   * Sequence of the first record of the id in the stream of its origin; only sites of ours tell it, to each other
   * ({@link factToPeer}). Orders facts of one lineage with equal observedAt.
   */
  readonly originSequence?: number;
}

/** What a publisher may leave out; filled by the way in (spec/federation "Ways in"). */
export interface FactDefaults {
  readonly id?: string;
  readonly group?: string;
  readonly sourceNode?: string;
  readonly type?: string;
  readonly observedAt?: string;
  /** Of the header of what brought it; what is none is left out. */
  readonly traceparent?: string;
}

/** Bounds of a fact. */
export const FACT_LIMITS = {
  idLength: 200,
  typeTokens: 16,
  typeLength: 200,
  subjectLength: 512,
  nodeLength: 253,
  payloadKeys: 64,
  bytes: 256 * 1024,
  aheadMs: 5 * 60_000,
} as const;
