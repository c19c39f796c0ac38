import type { StreamMessage } from '@signalbox/bus';
import type { FoldTables } from './fold-transaction.js';

/** A table of a projection. */
export interface ProjectionTable {
  readonly name: string;
  /** Columns that tell its rows apart. */
  readonly key: readonly string[];
  /** The rows that are this projection's, when others keep theirs in the same table. */
  readonly only?: { readonly column: string; readonly value: string };
  /**
   * Column with the sequence of the message that a row is made of, for a stream whose oldest messages go: of a row whose
   * message is gone nobody can say any more whether it is right.
   */
  readonly record?: string;
  /** SQL about a row `t`: it stays when its record goes, because it is not over. By default none stays. */
  readonly kept?: string;
  /**
   * SQL about a row `t` that is over: something that lives still needs it. `$1` is the last record that is no longer kept. Says
   * more than a fold can, so nothing is compared.
   */
  readonly needed?: string;
  /** As `needed`, by tables of other projections. */
  readonly neededByOthers?: string;
  /** Indexes by which the fold itself searches, beside the unique ones. */
  readonly foldedBy?: readonly string[];
  /** A statement that fills it beside restored tables: a snapshot of an earlier version did not have it. */
  readonly restoredBy?: string;
}

/** What a projection is: the fold of one stream into tables. */
export interface Projection {
  /** Key of its position. */
  readonly name: string;
  /** The service that folds it. */
  readonly owner: string;
  readonly stream: string;
  readonly filter?: string;
  /** Its tables: whole of what `apply` makes, and of nothing else. */
  readonly tables: readonly ProjectionTable[];
  /**
   * The version that brought it together with its records; absent: 0.1.0. An earlier one may have purged ACTIVITY without a
   * snapshot of it: then there was nothing of it.
   */
  readonly addedIn?: string;
  /** Folds a batch; the transaction that writes also moves the position. Must not look at the clock. */
  readonly apply: (batch: readonly StreamMessage[], tx: FoldTables) => Promise<void> | void;
  /** Whether nobody looks for what a message brings at once: it may wait for others. */
  readonly mayWait?: (message: StreamMessage) => boolean;
}
