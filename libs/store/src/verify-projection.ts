import { compareTables, type TableReport } from './compare-tables.js';
import { loadPosition } from './positions.js';
import type { Projection } from './projection.js';
import { isRebuilt, livePosition, type ScratchFold } from './scratch-fold.js';
import type { ScratchSpace } from './scratch-space.js';

/** What a verification found. */
export interface ProjectionReport {
  readonly name: string;
  readonly stream: string;
  /** Sequence at which both were compared. */
  readonly position: number;
  /** Messages folded again, and those of them that cannot be read. */
  readonly records: number;
  readonly passedOver: number;
  readonly equal: boolean;
  readonly tables: readonly TableReport[];
}

/**
 * Folds a projection again and compares its tables with the live ones. Throws the reason of an aborted signal, and `not-ready`
 * when its service rebuilds it meanwhile.
 */
export function verifyProjection(
  space: ScratchSpace,
  projection: Projection,
  signal: AbortSignal,
): Promise<ProjectionReport> {
  return space.fold(projection, signal, (fold) => compare(space, projection, fold, signal));
}

/** Nearly everything is folded before the snapshot of the live tables is taken, so that it is not held for long. */
async function compare(
  { dataSource }: ScratchSpace,
  projection: Projection,
  fold: ScratchFold,
  signal: AbortSignal,
): Promise<ProjectionReport> {
  const { name, stream, tables } = projection;
  const { created } = await fold.kept();
  const from = { created, atLeast: fold.position };
  await fold.upTo(await livePosition(dataSource.manager, projection, from, signal), signal);
  return dataSource.transaction('REPEATABLE READ', async (live) => {
    const position = await loadPosition(live, name, stream, created);
    if (position < fold.position) throw isRebuilt(name);
    await fold.upTo(position, signal);
    const { firstSeq } = await fold.kept();
    const reports = await fold.runner.manager.transaction(async (folded) => {
      const done: TableReport[] = [];
      for (const table of tables) {
        const sides = {
          live: { tx: live, table: table.name },
          folded: { tx: folded, table: fold.table(table.name) },
        };
        done.push(await compareTables(table, sides, firstSeq, signal));
      }
      return done;
    });
    const { records, passedOver } = fold;
    const equal = reports.every((report) => report.equal);
    return { name, stream, position, records, passedOver, equal, tables: reports };
  });
}
