import type { SnapshotRecord } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import type { ProjectionTable } from './projection.js';

/** A chunk has about so much JSON, where messages may have that much. Characters. */
const CHUNK_CHARS = 512 * 1024;

/**
 * Of the bytes that a message may have, a chunk has this share in characters: one row more goes in when it is not full yet, and
 * a character is at most three bytes.
 */
const SHARE = 1 / 8;

/** Rows fetched at a time: few at first, then as many as this many characters take. A row may be a whole part. */
const FETCH = { first: 16, most: 200, chars: 4 * 1024 * 1024 } as const;

/** What one record of a snapshot carries of a table. */
export type SnapshotChunk = Pick<SnapshotRecord, 'tables' | 'piece'>;

/**
 * Rows of a table as JSON has them, in chunks that each fit into a message of `maxBytes`, whatever a row is: a large one comes in
 * pieces.
 */
export async function* chunksOf(
  tx: EntityManager,
  table: ProjectionTable,
  maxBytes: number,
): AsyncGenerator<SnapshotChunk> {
  const most = Math.min(CHUNK_CHARS, Math.floor(maxBytes * SHARE));
  let [rows, chars]: [Record<string, unknown>[], number] = [[], 0];
  const full = (): SnapshotChunk => {
    const chunk = { tables: [{ table: table.name, rows }] };
    [rows, chars] = [[], 0];
    return chunk;
  };
  for await (const json of rowsOf(tx, table)) {
    if (json.length > most) {
      yield* piecesOf(table.name, json, most);
      continue;
    }
    rows.push(JSON.parse(json) as Record<string, unknown>);
    chars += json.length;
    if (chars >= most) yield full();
  }
  if (rows.length > 0) yield full();
}

function* piecesOf(table: string, json: string, most: number): Generator<SnapshotChunk> {
  for (let from = 0; from < json.length; from += most) {
    const last = from + most >= json.length;
    yield { tables: [], piece: { table, json: json.slice(from, from + most), last } };
  }
}

/** The JSON of each row. */
async function* rowsOf(tx: EntityManager, { name, only }: ProjectionTable): AsyncGenerator<string> {
  const cursor = `snapshot_${name}`;
  const where = only ? ` where t.${only.column} = $1` : '';
  await tx.query(
    `declare ${cursor} no scroll cursor for select to_jsonb(t)::text as json from ${name} t${where}`,
    only ? [only.value] : [],
  );
  for (let count: number = FETCH.first; ;) {
    const fetched = await tx.query<{ json: string }[]>(`fetch ${count} from ${cursor}`);
    for (const { json } of fetched) yield json;
    if (fetched.length < count) break;
    const average = fetched.reduce((sum, { json }) => sum + json.length, 0) / fetched.length;
    count = Math.max(1, Math.min(FETCH.most, Math.floor(FETCH.chars / average)));
  }
  await tx.query(`close ${cursor}`);
}

/** Puts the rows of one snapshot together again, chunk after chunk. */
export class SnapshotRowsReader {
  private begun = '';

  /** The rows that are whole with this chunk, by their tables. */
  take({ tables, piece }: SnapshotChunk): SnapshotRecord['tables'] {
    if (!piece) return tables;
    this.begun += piece.json;
    if (!piece.last) return tables;
    const row = JSON.parse(this.begun) as Record<string, unknown>;
    this.begun = '';
    return [...tables, { table: piece.table, rows: [row] }];
  }
}
