import { cancelOnAbort } from './cancel-on-abort.js';
import { compareTables, type TableReport } from './compare-tables.js';
import { loadStanding } from './positions.js';
import type { Projection } from './projection.js';
import { isRebuilt, liveStanding, type ScratchFold } from './scratch-fold.js';
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
  { bus, dataSource }: ScratchSpace,
  projection: Projection,
  fold: ScratchFold,
  signal: AbortSignal,
): Promise<ProjectionReport> {
  const { name, stream, tables } = projection;
  const before = await liveStanding(bus, dataSource.manager, projection, fold.position, signal);
  await fold.upTo(before.upTo, signal);
  return dataSource.transaction('REPEATABLE READ', async (live) => {
    const { upTo: position } = await loadStanding(bus, live, projection);
    if (position < fold.position) throw isRebuilt(name);
    await fold.upTo(position, signal);
    const { firstSeq } = await fold.kept();
    const reports = await fold.runner.manager.transaction((folded) =>
      cancelOnAbort(dataSource, live, signal, () =>
        cancelOnAbort(dataSource, folded, signal, async () => {
          const done: TableReport[] = [];
          for (const table of tables) {
            const sides = {
              live: { tx: live, table: table.name },
              folded: { tx: folded, table: fold.table(table.name) },
            };
            done.push(await compareTables(table, sides, firstSeq, signal));
          }
          return done;
        }),
      ),
    );
    const { records, passedOver } = fold;
    const equal = reports.every((report) => report.equal);
    return { name, stream, position, records, passedOver, equal, tables: reports };
  });
}
