import { type Bus, getLast, readRecord, type StreamMessage } from '@signalbox/bus';
import {
  CodedError,
  decodeCompactionRecord,
  decodeSnapshotRecord,
  formatTime,
  type SnapshotRecord,
  type SnapshotRows,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { jsonRows } from './json-rows.js';
import { loadPosition, loadStanding, streamCreated } from './positions.js';
import type { Projection } from './projection.js';
import { readUpTo } from './read-up-to.js';
import { columnsOf } from './table-columns.js';
import { type SnapshotChunk, chunksOf, SnapshotRowsReader } from './snapshot-chunks.js';

/**
 * What has a position in ACTIVITY, with the tables that a snapshot is taken of. Without tables it is only a reader whose place
 * has to be known.
 */
export type Snapshotted = Pick<Projection, 'name' | 'filter' | 'tables' | 'addedIn'>;

/** The last record of ACTIVITY that is no longer kept, 0 when all are. */
export async function horizonOf(bus: Bus): Promise<number> {
  const filter = SUBJECTS.compaction;
  const last = await getLast(bus, STREAMS.activity, filter);
  if (!last) return 0;
  const newest = readRecord(bus.log, last, decodeCompactionRecord);
  if (newest) return newest.upTo;
  // one that cannot be read says nothing: the one before counts
  let upTo = 0;
  await readUpTo(
    bus,
    { stream: STREAMS.activity, filter, fromSeq: 1, toSeq: last.seq },
    (batch) => {
      for (const message of batch) upTo = readRecord(bus.log, message, decodeCompactionRecord)?.upTo ?? upTo;
      return Promise.resolve();
    },
    new AbortController().signal,
  );
  return upTo;
}

/**
 * Appends a snapshot of tables as they stand; resolves with the position that it stands for, which is that of the stream
 * where nothing came since that is read here. Nothing is appended when the newest one stands for the same rows.
 */
export async function takeSnapshot(
  bus: Bus,
  dataSource: DataSource,
  taken: Snapshotted,
  nowMs: number,
): Promise<number> {
  const { created } = await bus.manager.streams.info(STREAMS.activity);
  const newest = await newestSnapshot(bus, taken.name);
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    const { folded, upTo: position } = await loadStanding(bus, tx, { ...taken, stream: STREAMS.activity });
    if (taken.tables.length === 0 || (newest && newest.position >= folded && newest.position <= position))
      return Math.max(position, newest?.position ?? 0);
    const at = formatTime(nowMs);
    let [chunk, firstSeq] = [0, 0];
    const append = async (content: SnapshotChunk, complete: boolean): Promise<void> => {
      const record: SnapshotRecord = {
        projection: taken.name,
        position,
        chunk,
        firstSeq,
        complete,
        at,
        ...content,
      };
      const { seq } = await bus.publisher.publishJson(SUBJECTS.snapshot(taken.name), record, {
        msgId: `snapshot:${taken.name}:${created}:${position}:${at}:${chunk}`,
      });
      if (chunk === 0) firstSeq = seq;
      chunk += 1;
    };
    for (const table of taken.tables)
      for await (const content of chunksOf(tx, table, bus.maxBytes)) await append(content, false);
    await append({ tables: [] }, true);
    return position;
  });
}

/** Where the newest whole snapshot of a projection begins, ends, and what it stands for. */
export interface SnapshotPlace {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly position: number;
}

/** The newest whole snapshot; undefined when there is none. */
export async function newestSnapshot(bus: Bus, projection: string): Promise<SnapshotPlace | undefined> {
  const subject = SUBJECTS.snapshot(projection);
  const last = await getLast(bus, STREAMS.activity, subject);
  if (!last) return undefined;
  const place = placeOf(bus, last);
  if (place) return place;
  // one was begun and not ended: an earlier one counts
  let found: SnapshotPlace | undefined;
  const range = { stream: STREAMS.activity, filter: subject, fromSeq: 1, toSeq: last.seq };
  await readUpTo(
    bus,
    range,
    (batch) => {
      for (const message of batch) found = placeOf(bus, message) ?? found;
      return Promise.resolve();
    },
    new AbortController().signal,
  );
  return found;
}

function placeOf(bus: Bus, message: StreamMessage): SnapshotPlace | undefined {
  const record = readRecord(bus.log, message, decodeSnapshotRecord);
  if (!record?.complete) return undefined;
  return { firstSeq: record.firstSeq || message.seq, lastSeq: message.seq, position: record.position };
}

/**
 * Fills empty tables with the newest snapshot; resolves with the position that they have then, which is not below the
 * horizon: a snapshot stands for more than its own position when nothing came since. Rows that have gone since do not come
 * back: a name or a source may have begun anew, and what is folded on top is of its next life. Throws `not-ready` when there
 * is no snapshot, which cannot be where records were purged by a version that knew the projection.
 */
export async function restoreSnapshot(
  bus: Bus,
  tx: EntityManager,
  { name: projection, tables, addedIn }: Snapshotted,
): Promise<number> {
  const place = await newestSnapshot(bus, projection);
  if (!place && addedIn !== undefined) return horizonOf(bus);
  if (!place)
    throw new CodedError('not-ready', `records of ${projection} were purged and no snapshot stands for them`);
  const { firstSeq, lastSeq, position } = place;
  const range = {
    stream: STREAMS.activity,
    filter: SUBJECTS.snapshot(projection),
    fromSeq: firstSeq,
    toSeq: lastSeq,
  };
  const reader = new SnapshotRowsReader();
  await readUpTo(
    bus,
    range,
    async (batch) => {
      for (const { data } of batch) {
        const record = decodeSnapshotRecord(data);
        if (record.position !== position) continue;
        for (const { table, rows } of reader.take(record)) await insertRows(tx, table, rows);
      }
    },
    new AbortController().signal,
  );
  for (const { restoredBy } of tables) if (restoredBy !== undefined) await tx.query(restoredBy);
  const horizon = await horizonOf(bus);
  for (const { name, record, kept = 'false', needed = 'false', neededByOthers } of tables)
    if (record !== undefined && neededByOthers === undefined)
      await tx.query(
        `delete from ${name} t where t.${record} <= $1 and ((${kept}) or (${needed})) is not true`,
        [horizon],
      );
  return Math.max(position, horizon);
}

/** Rows as an earlier version may have had them: what it did not know gets its default, what is known no more is left out. */
async function insertRows(tx: EntityManager, table: string, rows: SnapshotRows['rows']): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const known = (await columnsOf(tx, table)).filter((column) => column in first);
  const columns = known.map((column) => `"${column}"`).join(', ');
  await tx.query(
    `insert into ${table} (${columns}) select ${columns} from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
    [jsonRows(rows)],
  );
}

/** How long a reader of another service's tables looks away while they are being filled again. Milliseconds. */
const LOOK_MS = 250;

/**
 * Resolves when a table of another service stands where the records that are left begin: after the database was lost it has
 * to be filled by a snapshot first. Rows that are missing must not be taken for rows that are gone.
 */
export async function untilRestored(bus: Bus, dataSource: DataSource, projection: string): Promise<void> {
  for (let said = false; ; said = true) {
    const horizon = await horizonOf(bus);
    const created = await streamCreated(bus, STREAMS.activity);
    if (horizon === 0) return;
    if ((await loadPosition(dataSource.manager, projection, STREAMS.activity, created)) >= horizon) return;
    if (!said) bus.log.info({ projection }, 'waiting until its tables are filled again');
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
