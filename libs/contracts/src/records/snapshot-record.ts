/**
 * One chunk of `activity.snapshot.<projection>`, appended by the owner of the projection: rows of its tables as the stream up to
 * `position` has made them. With the last chunk (`complete`) they can stand for everything up to there. `firstSeq`: where its
 * first chunk stands, 0 in that one itself. A row has the columns of its table. One that is large comes in pieces, chunk after
 * chunk (`piece`).
 */
export interface SnapshotRecord {
  readonly projection: string;
  readonly position: number;
  readonly chunk: number;
  readonly firstSeq: number;
  readonly complete: boolean;
  readonly at: string;
  readonly tables: readonly SnapshotRows[];
  readonly piece?: SnapshotPiece;
}

export interface SnapshotRows {
  readonly table: string;
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A part of the JSON of one row of a table: the row is whole with the piece that is the `last`. */
export interface SnapshotPiece {
  readonly table: string;
  readonly json: string;
  readonly last: boolean;
}

/**
 * `activity.compaction`, appended by `api`, which keeps ACTIVITY, before it purges: records up to `upTo` are no longer kept,
 * snapshots stand for them.
 */
export interface CompactionRecord {
  readonly upTo: number;
  readonly at: string;
}
