import { appendDeadLetter, type Bus, Follower, type StreamMessage, streamInfo } from '@signalbox/bus';
import { CodedError, formatTime, STREAMS, SUBJECTS, type Watermark } from '@signalbox/contracts';
import type { DataSource, EntityManager } from 'typeorm';

/** A table of a projection. */
export interface ProjectionTable {
  readonly name: string;
  /** Columns that tell its rows apart. */
  readonly key: readonly string[];
  /** The rows that are this projection's, when others keep theirs in the same table. */
  readonly only?: { readonly column: string; readonly value: string };
  /**
   * Column with the sequence of the message that a row is made of, for a stream that drops its oldest messages by
   * itself: of a row whose message is gone nobody can say any more whether it is right.
   */
  readonly record?: string;
}

/** What a projection is: the fold of one stream into tables. */
export interface Projection {
  /** Key of its position. */
  readonly name: string;
  /** The service that folds it. */
  readonly owner: string;
  readonly stream: string;
  readonly filter?: string;
  /** Its tables: whole of what `apply` makes, and of nothing else. */
  readonly tables: readonly ProjectionTable[];
  /** Tables that `apply` writes to and that are no fold of this stream alone. */
  readonly alsoWrites?: readonly string[];
  /** Folds a batch inside the transaction that also moves the position. Must not look at the clock. */
  readonly apply: (batch: readonly StreamMessage[], tx: EntityManager) => Promise<void>;
  /** Undoes before a rebuild what `apply` did to other tables than its own. */
  readonly reset?: (tx: EntityManager) => Promise<void>;
}

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

/** Moves a position; never backwards for the same stream. */
export async function savePosition(
  tx: EntityManager,
  projection: string,
  stream: string,
  to: Position,
): Promise<void> {
  await tx.query(
    `insert into positions values ($1, $2, $3, $4) on conflict (projection, stream) do update
       set seq = excluded.seq, stream_created = excluded.stream_created
       where positions.stream_created <> excluded.stream_created or positions.seq < excluded.seq`,
    [projection, stream, to.streamCreated, to.seq],
  );
}

/** Creation time of a stream, the other half of a position's key. Throws when the stream does not exist. */
export async function streamCreated(bus: Bus, stream: string): Promise<string> {
  const info = await streamInfo(bus.manager, stream);
  if (!info) throw new Error(`stream ${stream} does not exist`);
  return info.created;
}

/**
 * Runs a projection: reads its stream in order from the stored position and commits rows and position together.
 * After every commit it tells `watermark.<projection>`, so that readers can wait instead of polling.
 */
export class Projector {
  private constructor(
    private readonly follower: Follower,
    private readonly projection: Projection,
  ) {}

  /**
   * Starts at the stored position. `onCommitted` runs after every commit with the sequence that readers see now.
   */
  static async start(
    bus: Bus,
    dataSource: DataSource,
    projection: Projection,
    onCommitted: (seq: number) => void = () => undefined,
  ): Promise<Projector> {
    const { name, owner, stream, filter } = projection;
    const created = await streamCreated(bus, stream);
    const seq = await dataSource.transaction(async (tx) => {
      const known = await loadPosition(tx, name, stream, created);
      if (known === 0) await emptyTables(tx, projection);
      return known;
    });
    const follower = new Follower(bus, {
      service: owner,
      name: `projection ${name}`,
      stream,
      fromSeq: seq + 1,
      ...(filter !== undefined && { filter }),
      onBatch: async (batch) => {
        const last = batch[batch.length - 1]!.seq;
        const commit = (messages: readonly StreamMessage[]): Promise<void> =>
          dataSource.transaction(async (tx) => {
            await projection.apply(messages, tx);
            const to = messages[messages.length - 1]!.seq;
            await savePosition(tx, name, stream, { seq: to, streamCreated: created });
          });
        await passOverPoison(batch, commit, (message, error) => bury(bus, name, message, error));
        onCommitted(last);
        bus.tell(SUBJECTS.watermark(name), { service: name, stream, seq: last } satisfies Watermark);
      },
    });
    return new Projector(follower, projection);
  }

  get name(): string {
    return this.projection.name;
  }

  /** Sequence of the last message folded and committed. */
  get position(): number {
    return this.follower.position;
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }
}

/** Before a rebuild. */
async function emptyTables(tx: EntityManager, projection: Projection): Promise<void> {
  for (const { name, only } of projection.tables)
    await tx.query(
      `delete from ${name}${only ? ` where ${only.column} = $1` : ''}`,
      only ? [only.value] : [],
    );
  await projection.reset?.(tx);
}

/**
 * A record that cannot be read must not block everything behind it: `onPoison` gets it, and the fold goes on behind it.
 * `commit` folds messages in a transaction of its own; whatever else it throws is thrown.
 */
export async function passOverPoison(
  batch: readonly StreamMessage[],
  commit: (messages: readonly StreamMessage[]) => Promise<void>,
  onPoison: (message: StreamMessage, error: CodedError) => Promise<void> | void,
): Promise<void> {
  try {
    await commit(batch);
  } catch (failure) {
    if (!isPoison(failure)) throw failure;
    for (const message of batch) {
      try {
        await commit([message]);
      } catch (error) {
        if (!isPoison(error)) throw error;
        await onPoison(message, error);
      }
    }
  }
}

function isPoison(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'poison-message';
}

/** Keeps a record that cannot be read as a dead letter. */
async function bury(bus: Bus, projection: string, message: StreamMessage, error: CodedError): Promise<void> {
  const { stream, seq, subject, data, time } = message;
  bus.repeats.tell(
    `unreadable ${projection} ${stream}`,
    { projection, stream },
    { seq, reason: error.message },
    'a record cannot be read, passing over it',
  );
  if (stream === STREAMS.dead) return;
  const at = formatTime(time);
  const msgId = `dead:${projection}:${stream}:${seq}`;
  await appendDeadLetter(bus, {
    service: 'projection',
    error: error.toBody(),
    subject,
    data,
    at,
    stream,
    seq,
    msgId,
  });
}
