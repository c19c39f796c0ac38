import { type Bus, streamInfo } from '@signalbox/bus';
import type { EntityManager } from 'typeorm';

/** Under which the positions of `matcher` are kept, which is no projection. */
export const MATCHES = 'matches';

/** A stream and how far a projection has folded it. */
export interface Position {
  readonly seq: number;
  readonly streamCreated: string;
}

/**
 * Position of a projection in a stream as it stands; 0 when there is none or the stream was made anew since.
 */
export async function loadPosition(
  tx: EntityManager,
  projection: string,
  stream: string,
  streamCreated: string,
): Promise<number> {
  const rows = await tx.query<{ seq: number; stream_created: string }[]>(
    'select seq, stream_created from positions where projection = $1 and stream = $2',
    [projection, stream],
  );
  return rows[0]?.stream_created === streamCreated ? rows[0].seq : 0;
}

/** Parameters: projection, stream, its creation time, sequence. Never backwards for the same stream. */
export const MOVE_POSITION = `insert into positions values ($1, $2, $3, $4) on conflict (projection, stream) do update
  set seq = excluded.seq, stream_created = excluded.stream_created
  where positions.stream_created <> excluded.stream_created or positions.seq < excluded.seq`;

/** Moves a position; never backwards for the same stream. */
export async function savePosition(
  tx: EntityManager,
  projection: string,
  stream: string,
  to: Position,
): Promise<void> {
  await tx.query(MOVE_POSITION, [projection, stream, to.streamCreated, to.seq]);
}

/** Creation time of a stream, the other half of a position's key. Throws when the stream does not exist. */
export async function streamCreated(bus: Bus, stream: string): Promise<string> {
  const info = await streamInfo(bus.manager, stream);
  if (!info) throw new Error(`stream ${stream} does not exist`);
  return info.created;
}
