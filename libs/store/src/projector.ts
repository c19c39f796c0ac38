import { appendDeadLetter, type Bus, Follower, type StreamMessage, streamInfo } from '@signalbox/bus';
import { CodedError, formatTime, STREAMS, SUBJECTS, type Watermark } from '@signalbox/contracts';
import type { DataSource, EntityManager } from 'typeorm';

/** What a projection is: the fold of one stream into tables. */
export interface Projection {
  /** Key of its position. */
  readonly name: string;
  readonly stream: string;
  readonly filter?: string;
  /** Folds a batch inside the transaction that also moves the position. Must not look at the clock. */
  readonly apply: (batch: readonly StreamMessage[], tx: EntityManager) => Promise<void>;
  /** Empties the tables before a rebuild. */
  readonly reset: (tx: EntityManager) => Promise<void>;
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
    const { name, stream, filter } = projection;
    const created = await streamCreated(bus, stream);
    const seq = await dataSource.transaction(async (tx) => {
      const known = await loadPosition(tx, name, stream, created);
      if (known === 0) await projection.reset(tx);
      return known;
    });
    const follower = new Follower(bus, {
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
        try {
          await commit(batch);
        } catch (error) {
          if (!isPoison(error)) throw error;
          for (const message of batch)
            await commit([message]).catch((cause) => bury(bus, name, message, cause));
        }
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

function isPoison(error: unknown): error is CodedError {
  return error instanceof CodedError && error.code === 'poison-message';
}

/** A record that cannot be read must not block everything behind it: it is kept as a dead letter and passed over. */
async function bury(bus: Bus, projection: string, message: StreamMessage, error: unknown): Promise<void> {
  if (!isPoison(error)) throw error;
  const { stream, seq, subject, data, time } = message;
  bus.log.error(
    { projection, stream, seq, reason: error.message },
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
