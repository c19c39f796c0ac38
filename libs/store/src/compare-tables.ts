import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { ProjectionTable } from './projection.js';

/** Most rows that a report names, for each table. */
export const NAMED_DIFFERENCES = 10;

/** Rows fetched at a time: few at first, then as many as this many characters take. A row may be a whole part. */
const FETCH = { first: 16, most: 1000, chars: 4 * 1024 * 1024 } as const;

/** A row that is not as the stream says. `missing`: not in the live table; `extra`: only there. */
export interface RowDifference {
  readonly kind: 'missing' | 'extra' | 'different';
  /** The columns of the key with their values. */
  readonly key: Readonly<Record<string, unknown>>;
  /** Which columns are different. Never their values: rows hold hashes of tokens. */
  readonly columns?: readonly string[];
}

/** A live table beside the same one folded again. */
export interface TableReport {
  readonly name: string;
  /** Rows of the live table. */
  readonly rows: number;
  readonly rowsFolded: number;
  /** sha256 over the rows in order of their keys, each as `to_jsonb(row)::text` and a line feed. */
  readonly live: string;
  readonly folded: string;
  readonly equal: boolean;
  /** How many rows differ, and the first of them. */
  readonly differences: number;
  readonly named: readonly RowDifference[];
}

interface Row {
  /** The columns of the key as text. */
  readonly key: readonly string[];
  readonly json: string;
}

/** One side of a comparison: a transaction, and the name of the table in it. */
export interface TableSide {
  readonly tx: EntityManager;
  readonly table: string;
}

/**
 * Compares in one pass over both, row by row in order of their keys. Rows of messages below `firstSeq` that do not stay are
 * left out where the table says what they are made of. Throws the reason of an aborted signal.
 */
export async function compareTables(
  table: ProjectionTable,
  sides: { readonly live: TableSide; readonly folded: TableSide },
  firstSeq: number,
  signal: AbortSignal,
): Promise<TableReport> {
  const live = new Side(rowsOf(sides.live, table, firstSeq, signal));
  const folded = new Side(rowsOf(sides.folded, table, firstSeq, signal));
  const named: RowDifference[] = [];
  let differences = 0;
  const differ = (difference: () => RowDifference): void => {
    if (differences < NAMED_DIFFERENCES) named.push(difference());
    differences += 1;
  };
  await Promise.all([live.take(), folded.take()]);
  while (live.row ?? folded.row) {
    const [{ row: ours }, { row: theirs }] = [live, folded];
    const order = !ours ? 1 : !theirs ? -1 : compareKeys(ours.key, theirs.key);
    if (ours && order < 0) differ(() => ({ kind: 'extra', key: keyOf(table, ours) }));
    else if (theirs && order > 0) differ(() => ({ kind: 'missing', key: keyOf(table, theirs) }));
    else if (ours && theirs && ours.json !== theirs.json)
      differ(() => ({ kind: 'different', key: keyOf(table, ours), columns: columnsBetween(ours, theirs) }));
    await Promise.all([order <= 0 && live.take(), order >= 0 && folded.take()]);
  }
  const digests = { live: live.digest(), folded: folded.digest() };
  return {
    name: table.name,
    rows: live.rows,
    rowsFolded: folded.rows,
    ...digests,
    equal: digests.live === digests.folded,
    differences,
    named,
  };
}

/** The rows of one side, counted and hashed as they are taken. */
class Side {
  /** The row to look at; undefined behind the last one. */
  row: Row | undefined;
  rows = 0;
  private readonly hash = createHash('sha256');

  constructor(private readonly source: AsyncIterator<Row>) {}

  async take(): Promise<void> {
    const next = await this.source.next();
    this.row = next.done ? undefined : next.value;
    if (!this.row) return;
    this.rows += 1;
    this.hash.update(`${this.row.json}\n`);
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

/** Keys are ordered by their bytes, so that every database and {@link compareKeys} agree. */
async function* rowsOf(
  { tx, table: from }: TableSide,
  { name, key, only, record, kept = 'false' }: ProjectionTable,
  firstSeq: number,
  signal: AbortSignal,
): AsyncGenerator<Row> {
  const cursor = `verify_${name}`;
  const texts = key.map((column) => `t.${column}::text`);
  const wanted = [
    ...(only ? [{ text: `t.${only.column} = `, value: only.value }] : []),
    ...(record === undefined ? [] : [{ text: `(${kept}) or t.${record} >= `, value: firstSeq }]),
  ];
  const where = wanted.map(({ text }, index) => `${index === 0 ? 'where' : 'and'} (${text}$${index + 1})`);
  await tx.query(
    `declare ${cursor} no scroll cursor for
     select array[${texts.join(', ')}] as key, to_jsonb(t)::text as json from ${from} t ${where.join(' ')}
      order by ${texts.map((text) => `${text} collate "C"`).join(', ')}`,
    wanted.map(({ value }) => value),
  );
  for (let count: number = FETCH.first; ;) {
    signal.throwIfAborted();
    const rows = await tx.query<Row[]>(`fetch ${count} from ${cursor}`);
    yield* rows;
    if (rows.length < count) break;
    const average = rows.reduce((chars, { json }) => chars + json.length, 0) / rows.length;
    count = Math.max(1, Math.min(FETCH.most, Math.floor(FETCH.chars / average)));
  }
  await tx.query(`close ${cursor}`);
}

function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text), Buffer.from(b[index] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}

function keyOf({ key }: ProjectionTable, { json }: Row): Readonly<Record<string, unknown>> {
  const row = JSON.parse(json) as Record<string, unknown>;
  return Object.fromEntries(key.map((column) => [column, row[column]]));
}

function columnsBetween(ours: Row, theirs: Row): string[] {
  const [a, b] = [ours, theirs].map(({ json }) => JSON.parse(json) as Record<string, unknown>);
  return Object.keys({ ...a, ...b }).filter(
    (column) => JSON.stringify(a?.[column]) !== JSON.stringify(b?.[column]),
  );
}
