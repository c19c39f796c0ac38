import { type Bus, getLast, streamInfo } from '@signalbox/bus';
import { STREAMS } from '@signalbox/contracts';
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

/** Whose place in a stream is asked for: every message when there is no filter. */
export interface Reader {
  readonly name: string;
  readonly stream: string;
  readonly filter?: string;
}

/** Where tables stand. */
export interface Standing {
  /** Sequence of the last message that was folded, 0 when there is none. */
  readonly folded: number;
  /**
   * Sequence up to which nothing is missing in them. In ACTIVITY, whose snapshots say the same, it is that of the stream where
   * nothing came since that is folded; elsewhere it is `folded`.
   */
  readonly upTo: number;
}

/** Where the tables stand as `tx` sees them, whose snapshot must not have been taken yet when it keeps one. */
export async function loadStanding(
  bus: Bus,
  tx: EntityManager,
  { name, stream, filter = '>' }: Reader,
): Promise<Standing> {
  const info = await streamInfo(bus.manager, stream);
  if (!info) return { folded: 0, upTo: 0 };
  if (stream !== STREAMS.activity) {
    const folded = await loadPosition(tx, name, stream, info.created);
    return { folded, upTo: folded };
  }
  // in this order: what is folded by the end is as far as the stream was at the beginning
  const last = await getLast(bus, stream, filter);
  const folded = await loadPosition(tx, name, stream, info.created);
  const isBehind = folded < (last?.seq ?? 0);
  return { folded, upTo: isBehind ? folded : Math.max(folded, info.state.last_seq) };
}

const FOLDED_ALREADY = 'is folded already';

/**
 * Parameters: projection, stream, its creation time, sequence, and that of the first message that is folded, or null. Never
 * backwards for the same stream. Fails ({@link isFoldedAlready}) when the position stands at that message: a commit whose answer
 * was lost, or that was still under way when its process was killed, may come in before the fold that would repeat it.
 */
export const MOVE_POSITION = `insert into positions values ($1, $2, $3, $4) on conflict (projection, stream) do update
  set stream_created = excluded.stream_created, seq = case
    when positions.stream_created = excluded.stream_created and positions.seq >= $5
    then (positions.seq || ' ${FOLDED_ALREADY}')::bigint
    else excluded.seq end
  where positions.stream_created <> excluded.stream_created or positions.seq < excluded.seq or positions.seq >= $5`;

/** Whether a transaction was given up because what it folds was folded before it. */
export function isFoldedAlready(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === '22P02' &&
    error.message.includes(FOLDED_ALREADY)
  );
}

/** Moves a position; never backwards for the same stream. */
export async function savePosition(
  tx: EntityManager,
  projection: string,
  stream: string,
  to: Position,
): Promise<void> {
  await tx.query(MOVE_POSITION, [projection, stream, to.streamCreated, to.seq, null]);
}

/** Creation time of a stream, the other half of a position's key. Throws when the stream does not exist. */
export async function streamCreated(bus: Bus, stream: string): Promise<string> {
  const info = await streamInfo(bus.manager, stream);
  if (!info) throw new Error(`stream ${stream} does not exist`);
  return info.created;
}
