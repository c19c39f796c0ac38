import { type Bus } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import { savePosition, streamCreated } from './positions.js';
import type { ProjectionTable } from './projection.js';
import type { Snapshotted } from './snapshots.js';

/** Blocks of a table that one statement looks through, so that none holds its locks for long: 8 MiB. */
const BLOCKS_AT_ONCE = 1024;

/** A row that went: the columns of its key, and `record`, the sequence of the message that it was made of. */
export type GoneRow = Readonly<Record<string, unknown>> & { readonly record: number };

/** Learns of rows that go, so that what is kept of them in memory goes too. */
export interface GoneRowsListener {
  /** Some rows of a table, in no order. */
  readonly went: (table: string, rows: readonly GoneRow[]) => void;
  /** No more rows of this table go this time. */
  readonly done: (table: string) => void;
}

/**
 * Deletes the rows whose records are no longer kept and that nothing that lives needs, and has the position stand where the
 * records begin: what is gone was folded, or a snapshot would not stand for it.
 */
export async function pruneRows(
  bus: Bus,
  dataSource: DataSource,
  { name, tables }: Snapshotted,
  upTo: number,
  listener?: GoneRowsListener,
): Promise<void> {
  if (upTo === 0) return;
  const streamCreatedAt = await streamCreated(bus, STREAMS.activity);
  const to = { seq: upTo, streamCreated: streamCreatedAt };
  await savePosition(dataSource.manager, name, STREAMS.activity, to);
  for (const table of tables) {
    if (table.record === undefined) continue;
    await pruneTable(dataSource, table, upTo, (rows) => listener?.went(table.name, rows));
    listener?.done(table.name);
  }
}

/** Block by block: an index on the sequence would cost every write, and this is done once a day. */
async function pruneTable(
  dataSource: DataSource,
  { name, key, record, kept = 'false', needed = 'false', neededByOthers = 'false' }: ProjectionTable,
  upTo: number,
  went: (rows: readonly GoneRow[]) => void,
): Promise<void> {
  const [size] = await dataSource.query<{ blocks: number }[]>(
    `select (pg_relation_size($1::regclass) / current_setting('block_size')::integer)::integer as blocks`,
    [name],
  );
  const columns = [...key.map((column) => `t.${column}`), `t.${record} as record`];
  for (let from = 0; from < (size?.blocks ?? 0); from += BLOCKS_AT_ONCE) {
    const [rows] = await dataSource.query<[GoneRow[], number]>(
      `delete from ${name} t where t.ctid >= $2::tid and t.ctid < $3::tid
         and t.${record} <= $1 and ((${kept}) or (${needed}) or (${neededByOthers})) is not true
       returning ${columns.join(', ')}`,
      [upTo, `(${from},0)`, `(${from + BLOCKS_AT_ONCE},0)`],
    );
    if (rows.length > 0) went(rows);
  }
}
