/**
 * One message of `audit.seal`, appended by `api`: what a run of records of JOURNAL was when it was sealed. Seals are chained by their heads,
 * each keyed with a secret that only `api` has. ADR 0047.
 */
export interface AuditSeal {
  /** 1 for the first one, and one more for each. */
  readonly number: number;
  readonly at: string;
  /** Sequences of JOURNAL that it is about, both ends included: it begins behind the seal before. */
  readonly from: number;
  readonly to: number;
  /** By sequence, at most {@link SEAL_LIMITS}.records. A sequence that is not among them was not there. */
  readonly records: readonly SealedRecord[];
  /** Head of the seal before; 64 zeros: there was none. */
  readonly previous: string;
  /** Tells which key: 16 hex digits. */
  readonly key: string;
  /** HMAC-SHA256 of all else, in hex. */
  readonly head: string;
}

/** A record by its sequence, and the sha256 in hex of what it says and where. */
export interface SealedRecord {
  readonly seq: number;
  readonly digest: string;
}

/** What is kept elsewhere, so that nobody who has the whole site can change what was before. */
export interface AuditHead extends Pick<AuditSeal, 'number' | 'at' | 'to' | 'head' | 'key'> {
  /** Identity of the site. */
  readonly siteId: string;
}

/** Records in one seal. */
export const SEAL_LIMITS = { records: 500 } as const;

/** What a check of the journal may find. See `docs/guide/audit.md`. */
export const AUDIT_FINDINGS = [
  'edited',
  'missing',
  'missing-when-sealed',
  'cut',
  'seal-broken',
  'seal-missing',
  'unknown-key',
  'other-history',
] as const;
export type AuditFindingKind = (typeof AUDIT_FINDINGS)[number];

/** One thing that is not as it was sealed. */
export interface AuditFinding {
  readonly kind: AuditFindingKind;
  /** Sequences of JOURNAL, both ends included. */
  readonly from?: number;
  readonly to?: number;
  /** Number of a seal. */
  readonly seal?: number;
  /** Of an edited record. */
  readonly subject?: string;
  readonly message: string;
}
