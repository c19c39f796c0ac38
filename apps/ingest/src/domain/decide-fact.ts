import { CodedError, contentDigest, expiryNs, type Fact, timestampNs } from '@signalbox/contracts';

/** What is stored under an id. */
export interface KnownFact {
  readonly seq: number;
  readonly origin: string;
  readonly digest: string;
  readonly version: number;
  readonly observedAt: string;
  readonly expiresAt?: string;
}

/** The newest fact of a lineage: by observedAt, then id. */
export interface NewestFact {
  readonly observedAt: string;
  readonly id: string;
}

/** What happens with an offered fact. */
export type FactDecision =
  | { readonly outcome: 'duplicate'; readonly seq: number }
  | {
      readonly outcome: 'store';
      readonly fact: Fact;
      readonly change: 'new' | 'refresh';
      readonly version: number;
      readonly current: boolean;
    };

/**
 * Decides new / refresh / duplicate / conflict (spec/federation "Facts").
 * Same id, origin and content: a later `expiresAt` is a refresh that keeps the later of both observedAt; anything else
 * is a duplicate, also a refresh without TTL. Throws `origin-conflict` and `content-conflict`.
 */
export function decideFact(
  fact: Fact,
  known: KnownFact | undefined,
  newest: NewestFact | undefined,
): FactDecision {
  if (!known) return { outcome: 'store', fact, change: 'new', version: 1, current: isNewest(fact, newest) };
  if (known.origin !== fact.sourceNode) {
    const message = `the id ${fact.id} belongs to ${known.origin}, not to ${fact.sourceNode}: use another id`;
    throw new CodedError('origin-conflict', message);
  }
  if (known.digest !== contentDigest(fact)) {
    const message = `the id ${fact.id} is stored with another type, subject, dedupeKey or payload: send a new id for new content`;
    throw new CodedError('content-conflict', message);
  }
  if (!extendsLease(fact, known)) return { outcome: 'duplicate', seq: known.seq };
  const observedAt = isLater(known.observedAt, fact.observedAt) ? known.observedAt : fact.observedAt;
  const refreshed = { ...fact, observedAt };
  return {
    outcome: 'store',
    fact: refreshed,
    change: 'refresh',
    version: known.version + 1,
    current: isNewest(refreshed, newest),
  };
}

/** What the store knows of an id once a decision is stored at `seq`. */
export function knownAfter(decision: Extract<FactDecision, { outcome: 'store' }>, seq: number): KnownFact {
  const { fact, version } = decision;
  return {
    seq,
    origin: fact.sourceNode,
    digest: contentDigest(fact),
    version,
    observedAt: fact.observedAt,
    ...(fact.expiresAt !== undefined && { expiresAt: fact.expiresAt }),
  };
}

function extendsLease(fact: Fact, known: KnownFact): boolean {
  const [now, before] = [expiryNs(fact), expiryNs(known)];
  return now !== undefined && before !== undefined && now > before;
}

function isNewest(fact: Fact, newest: NewestFact | undefined): boolean {
  if (!newest || newest.id === fact.id) return true;
  if (newest.observedAt !== fact.observedAt) {
    const [mine, theirs] = [timestampNs(fact.observedAt), timestampNs(newest.observedAt)];
    if (mine !== theirs) return mine! > theirs!;
  }
  return fact.id > newest.id;
}

function isLater(a: string, b: string): boolean {
  return timestampNs(a)! > timestampNs(b)!;
}
