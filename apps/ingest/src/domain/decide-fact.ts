import {
  CodedError,
  compareFacts,
  contentDigest,
  expiryNs,
  type Fact,
  timestampNs,
} from '@signalbox/contracts';

/** What is stored under an id. */
export interface KnownFact {
  readonly seq: number;
  readonly origin: string;
  readonly digest: string;
  readonly version: number;
  readonly observedAt: string;
  readonly expiresAt?: string;
  readonly originSequence?: number;
}

/** The newest fact of a lineage, see `compareFacts`. */
export interface NewestFact {
  readonly observedAt: string;
  readonly originSequence?: number;
  readonly id: string;
}

/** Whose a fact is, and the sequence that its record gets if one is stored. */
export interface Acceptance {
  readonly own: boolean;
  readonly nextSeq: number;
}

/**
 * What happens with an offered fact. `otherContent`: a peer sent other content under a known id. `keep-first`: the same
 * with a later expiry; the fact is decided again with the content that stands at `seq` ({@link withFirstContent}).
 */
export type FactDecision =
  | { readonly outcome: 'duplicate'; readonly seq: number; readonly otherContent: boolean }
  | { readonly outcome: 'keep-first'; readonly seq: number }
  | StoreDecision;

/** A record is to be written. */
export interface StoreDecision {
  readonly outcome: 'store';
  readonly fact: Fact;
  readonly change: 'new' | 'refresh';
  readonly version: number;
  readonly current: boolean;
}

/**
 * Decides new / refresh / duplicate / conflict (spec/federation "Facts").
 * Same id, origin and content: a later `expiresAt` is a refresh that keeps the later of both observedAt and the higher
 * originSequence, so that the order of arrival does not show; anything else is a duplicate, also a refresh without TTL. Other content is an error for a fact of our own; from a peer the first
 * content is kept. `digest` is the one of the fact's content. Throws `origin-conflict` and `content-conflict`.
 */
export function decideFact(
  fact: Fact,
  known: KnownFact | undefined,
  newest: NewestFact | undefined,
  { own, nextSeq }: Acceptance,
  digest = contentDigest(fact),
): FactDecision {
  if (!known) {
    const first = own ? { ...fact, originSequence: nextSeq } : fact;
    return { outcome: 'store', fact: first, change: 'new', version: 1, current: isNewest(first, newest) };
  }
  if (known.origin !== fact.sourceNode) {
    const message = `the id ${fact.id} belongs to ${known.origin}, not to ${fact.sourceNode}: use another id`;
    throw new CodedError('origin-conflict', message);
  }
  const otherContent = known.digest !== digest;
  if (otherContent && own) throw contentConflict(fact.id, 'send a new id for new content');
  if (!extendsLease(fact, known)) return { outcome: 'duplicate', seq: known.seq, otherContent };
  if (otherContent) return { outcome: 'keep-first', seq: known.seq };
  const observedAt = isLater(known.observedAt, fact.observedAt) ? known.observedAt : fact.observedAt;
  const originSequence = Math.max(known.originSequence ?? 0, fact.originSequence ?? 0);
  const refreshed = { ...fact, observedAt, ...(originSequence > 0 && { originSequence }) };
  return {
    outcome: 'store',
    fact: refreshed,
    change: 'refresh',
    version: known.version + 1,
    current: isNewest(refreshed, newest),
  };
}

/** The fact as it is decided when its content has to give way to the first: `first` with the times that were sent. */
export function withFirstContent(fact: Fact, first: Fact): Fact {
  const { observedAt, expiresAt, originSequence } = fact;
  const { expiresAt: _before, ...content } = first;
  return {
    ...content,
    observedAt,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(originSequence !== undefined && { originSequence }),
  };
}

/** Other content under a known id; `consequence` says what happens or what to do. */
export function contentConflict(id: string, consequence: string): CodedError {
  const message = `the id ${id} is stored with another type, subject, dedupeKey or payload: ${consequence}`;
  return new CodedError('content-conflict', message);
}

/** What the store knows of an id once a decision is stored at `seq`; `digest` is the one of the fact's content. */
export function knownAfter(
  decision: Extract<FactDecision, { outcome: 'store' }>,
  seq: number,
  digest = contentDigest(decision.fact),
): KnownFact {
  const { fact, version } = decision;
  return {
    seq,
    origin: fact.sourceNode,
    digest,
    version,
    observedAt: fact.observedAt,
    ...(fact.expiresAt !== undefined && { expiresAt: fact.expiresAt }),
    ...(fact.originSequence !== undefined && { originSequence: fact.originSequence }),
  };
}

function extendsLease(fact: Fact, known: KnownFact): boolean {
  const [now, before] = [expiryNs(fact), expiryNs(known)];
  return now !== undefined && before !== undefined && now > before;
}

function isNewest(fact: Fact, newest: NewestFact | undefined): boolean {
  return !newest || newest.id === fact.id || compareFacts(fact, newest) > 0;
}

function isLater(a: string, b: string): boolean {
  return timestampNs(a)! > timestampNs(b)!;
}
