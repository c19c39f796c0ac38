import type { LineageBook, Since } from './lineage-book.js';
import type { MatchedFact } from './run-order.js';

/** Names what is pending: at most one fact of a lineage. */
export interface PendingKey {
  readonly subscription: string;
  readonly group: string;
  /** `lineageOf` of the fact. */
  readonly lineage: string;
}

/** A matched fact that is not planned yet, and the revision of the rule that matched it. */
export interface PendingFact extends PendingKey {
  readonly revision: number;
  readonly matched: MatchedFact;
  /** The first fact that waits of the lineage; absent in what an older version wrote: the fact itself. */
  readonly since?: Since;
}

/** What to write so that the table says what is pending now. */
export interface PendingChanges {
  readonly put: readonly PendingFact[];
  readonly gone: readonly PendingKey[];
}

/**
 * What is pending, beside what the table says is: a fact that is planned soon after it matched is never written. Changes
 * that were taken and could not be written are taken again.
 */
export class PendingLedger {
  /** Keys that the table has, or will have when the changes that were taken are written. */
  private readonly written: Set<string>;
  private touched = new Map<string, PendingKey>();
  private taken = new Map<string, PendingKey>();

  /** `rows`: what the table has. */
  constructor(
    private readonly book: LineageBook,
    rows: readonly PendingKey[],
  ) {
    this.written = new Set(rows.map(textOf));
    book.onPending = ({ queue: { subscription }, group, lineage }) =>
      this.touch({ subscription, group, lineage });
  }

  /** Changes since the last ones that were written. */
  take(): PendingChanges {
    for (const [text, key] of this.touched) this.taken.set(text, key);
    this.touched = new Map();
    const put: PendingFact[] = [];
    const gone: PendingKey[] = [];
    for (const [text, key] of this.taken) {
      const { subscription, group, lineage } = key;
      const pending = this.book.find(subscription, group, lineage)?.pending;
      if (pending)
        put.push({ ...key, revision: pending.revision, matched: pending.fact, since: pending.since });
      else if (this.written.has(text)) gone.push(key);
    }
    for (const key of put) this.written.add(textOf(key));
    return { put, gone };
  }

  /** The changes that were taken last are written. */
  confirm({ gone }: PendingChanges): void {
    for (const key of gone) this.written.delete(textOf(key));
    this.taken = new Map();
  }

  /** What is pending of a lineage is not what it was. */
  touch({ subscription, group, lineage }: PendingKey): void {
    const key = { subscription, group, lineage };
    this.touched.set(textOf(key), key);
  }
}

function textOf({ subscription, group, lineage }: PendingKey): string {
  return `${subscription}\0${group}\0${lineage}`;
}
