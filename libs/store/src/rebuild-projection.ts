import type { Bus } from '@signalbox/bus';
import { CodedError } from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import { cancelOnAbort } from './cancel-on-abort.js';
import { isOverruled } from './fold-transaction.js';
import { loadStanding } from './positions.js';
import type { Projection, ProjectionTable } from './projection.js';
import { isRebuilt, liveStanding, type ScratchFold } from './scratch-fold.js';
import type { ScratchSpace } from './scratch-space.js';
import { columnsOf } from './table-columns.js';

/** How far a rebuild is. */
export interface RebuildProgress {
  /** Sequences of the stream: where the fold began, how far it is, where it ends. */
  readonly from: number;
  readonly position: number;
  readonly to: number;
  /** Messages folded by now. */
  readonly records: number;
}

/** What a rebuild changed in a table. Rows. */
export interface MendedTable {
  readonly name: string;
  /** As the stream says. */
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** What a rebuild did. */
export interface RebuildReport {
  readonly name: string;
  readonly stream: string;
  /** Sequence at which the tables are what the stream says. */
  readonly position: number;
  /** Messages folded, and those of them that cannot be read. */
  readonly records: number;
  readonly passedOver: number;
  readonly tables: readonly MendedTable[];
}

/**
 * Folds a projection again beside its live tables, and then writes to these what differs, in one transaction: who reads finds all
 * of what was there before or all of what the stream says, and what was right is not touched. Its service goes on, and waits
 * while rows are compared. Throws the reason of an aborted signal, and `not-ready` when the service itself rebuilds it.
 */
export function rebuildProjection(
  space: ScratchSpace,
  projection: Projection,
  signal: AbortSignal,
  onProgress: (progress: RebuildProgress) => void = () => undefined,
): Promise<RebuildReport> {
  return space.fold(projection, signal, async (fold) => {
    const { bus, dataSource } = space;
    const { firstSeq } = await fold.kept();
    const standing = await liveStanding(bus, dataSource.manager, projection, fold.position, signal);
    if (standing.folded === 0) return untouched(space, projection);
    const { upTo: position } = standing;
    const from = Math.max(fold.position, firstSeq - 1);
    const tell = (): void =>
      onProgress({ from, position: fold.position, to: position, records: fold.records });
    tell();
    await fold.upTo(position, signal, tell);
    for (const table of projection.tables) await fold.runner.query(`analyze ${fold.table(table.name)}`);
    for (;;) {
      try {
        return await dataSource.transaction((live) =>
          cancelOnAbort(dataSource, live, signal, () => mend(bus, live, projection, fold, signal)),
        );
      } catch (error) {
        if (!isOverruled(error)) throw error;
      }
    }
  });
}

/** What was never folded has nothing to mend, and no position to hold. Throws `not-ready` when there are rows all the same. */
async function untouched(
  { dataSource }: ScratchSpace,
  { name, stream, tables }: Projection,
): Promise<RebuildReport> {
  for (const table of tables) {
    const ours = table.only ? ` where ${table.only.column} = $1` : '';
    const values = table.only ? [table.only.value] : [];
    const found = await dataSource.query<unknown[]>(`select 1 from ${table.name}${ours} limit 1`, values);
    if (found.length > 0)
      throw new CodedError(
        'not-ready',
        `${table.name} has rows of another stream than the one that is there: the service of ${name} folds it anew when it starts`,
      );
  }
  const none = tables.map((table) => ({ name: table.name, rows: 0, added: 0, changed: 0, removed: 0 }));
  return { name, stream, position: 0, records: 0, passedOver: 0, tables: none };
}

/** Nobody folds while this transaction holds the position, and a fold that had begun before is repeated when rows were mended. */
async function mend(
  bus: Bus,
  live: EntityManager,
  projection: Projection,
  fold: ScratchFold,
  signal: AbortSignal,
): Promise<RebuildReport> {
  const { name, stream, tables } = projection;
  const key = [name, stream];
  // a table that Postgres has counted while it was empty would be searched whole for each row that it gets
  await live.query('set local enable_nestloop = off');
  await live.query('select 1 from positions where projection = $1 and stream = $2 for update', key);
  const { upTo: position } = await loadStanding(bus, live, projection);
  if (position < fold.position) throw isRebuilt(name);
  await fold.upTo(position, signal);
  const { firstSeq } = await fold.kept();
  const mended: MendedTable[] = [];
  for (const table of tables) {
    signal.throwIfAborted();
    mended.push(await mendTable(live, table, fold.table(table.name), firstSeq));
  }
  if (mended.some(isMended))
    await live.query('update positions set seq = seq where projection = $1 and stream = $2', key);
  const { records, passedOver } = fold;
  return { name, stream, position, records, passedOver, tables: mended };
}

/** Whether anything was wrong in a table. */
export function isMended({ added, changed, removed }: MendedTable): boolean {
  return added + changed + removed > 0;
}

/**
 * Rows of messages that are no longer kept stay as they are, unless they are not over: nobody can say any more whether they are
 * right. One that is missing and that something needs comes back as the snapshot has it.
 */
async function mendTable(
  live: EntityManager,
  table: ProjectionTable,
  folded: string,
  firstSeq: number,
): Promise<MendedTable> {
  const { name, only, record, kept = 'false', needed = 'false', neededByOthers = 'false' } = table;
  const columns = await columnsOf(live, name);
  const samePlace = table.key.map((column) => `t.${column} = s.${column}`).join(' and ');
  const ours = only ? ` and t.${only.column} = $1` : '';
  const values = only ? [only.value] : [];
  const isKnown = (row: string): string =>
    record === undefined ? 'true' : `(${of(row, kept)} or ${row}.${record} >= ${firstSeq})`;
  const count = async (statement: string, parameters: unknown[] = []): Promise<number> => {
    const [row] = await live.query<[{ count: number }]>(
      `with done as (${statement} returning 1) select count(*) as count from done`,
      parameters,
    );
    return row.count;
  };
  const removed = await count(
    `delete from ${name} t where ${isKnown('t')}${ours} and not exists (select 1 from ${folded} s where ${samePlace})`,
    values,
  );
  const changed = await count(
    `update ${name} t set ${columns.map((column) => `"${column}" = s."${column}"`).join(', ')} from ${folded} s
      where ${samePlace} and t *<> s and (${isKnown('t')} or ${isKnown('s')})${ours}`,
    values,
  );
  const added = await count(
    `insert into ${name} select s.* from ${folded} s
      where (${isKnown('s')} or ${of('s', needed.replaceAll('$1', String(firstSeq - 1)))} or ${of('s', neededByOthers)}) and not exists (select 1 from ${name} t where ${samePlace})`,
  );
  const [{ rows }] = await live.query<[{ rows: number }]>(`select count(*) as rows from ${folded}`);
  return { name, rows, added, changed, removed };
}

/** A condition about a row `t`, of one that has another name. */
function of(row: string, condition: string): string {
  return row === 't' ? `(${condition})` : `(select ${condition} from (select ${row}.*) t)`;
}
