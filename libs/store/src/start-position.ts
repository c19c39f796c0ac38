import type { Bus } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { loadPosition, savePosition, streamCreated } from './positions.js';
import type { Projection } from './projection.js';
import { pruneRows } from './prune-rows.js';
import { horizonOf, restoreSnapshot } from './snapshots.js';

/**
 * Where a projection goes on; from the start, its tables are emptied, and filled by a snapshot where records were purged.
 */
export async function startPosition(
  bus: Bus,
  projection: Projection,
  created: string,
  dataSource: DataSource,
): Promise<number> {
  const { name, stream } = projection;
  const horizon = stream === STREAMS.activity ? await horizonOf(bus) : 0;
  return dataSource.transaction(async (tx) => {
    const known = await loadPosition(tx, name, stream, created);
    if (known > 0 && known >= horizon) return known;
    await emptyTables(tx, projection);
    if (horizon === 0) return 0;
    const seq = await restoreSnapshot(bus, tx, projection);
    await savePosition(tx, name, stream, { seq, streamCreated: created });
    bus.log.info({ projection: name, seq }, 'tables were filled by a snapshot');
    return seq;
  });
}

/** Before a rebuild. */
async function emptyTables(tx: EntityManager, projection: Projection): Promise<void> {
  for (const { name, only } of projection.tables)
    await tx.query(
      `delete from ${name}${only ? ` where ${only.column} = $1` : ''}`,
      only ? [only.value] : [],
    );
}

/**
 * Before services of a process start: fills the tables that are theirs where the database was lost, so that none waits for
 * another that starts behind it.
 */
export async function restoreTables(
  bus: Bus,
  dataSource: DataSource,
  projections: readonly Projection[],
): Promise<void> {
  const restorable = projections.filter(({ stream }) => stream === STREAMS.activity);
  if (restorable.length === 0) return;
  const horizon = await horizonOf(bus);
  const created = await streamCreated(bus, STREAMS.activity);
  const lost: Projection[] = [];
  for (const projection of restorable) {
    const known = await loadPosition(dataSource.manager, projection.name, STREAMS.activity, created);
    if (known < horizon) lost.push(projection);
  }
  for (const projection of lost) await startPosition(bus, projection, created, dataSource);
  // a snapshot may be older than what has gone since; when all are filled, because some rows are needed by others
  for (const projection of lost) await pruneRows(bus, dataSource, projection, horizon);
}
