import { appendDeadLetter, type Bus, Follower, type StreamMessage, streamInfo } from '@signalbox/bus';
import { CodedError, formatTime, STREAMS } from '@signalbox/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { type FoldTables, inFoldTransaction } from './fold-transaction.js';

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
  /** Folds a batch; the transaction that writes also moves the position. Must not look at the clock. */
  readonly apply: (batch: readonly StreamMessage[], tx: FoldTables) => Promise<void> | void;
  /** Whether nobody looks for what a message brings at once: it may wait for others. */
  readonly mayWait?: (message: StreamMessage) => boolean;
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

const MOVE = `insert into positions values ($1, $2, $3, $4) on conflict (projection, stream) do update
  set seq = excluded.seq, stream_created = excluded.stream_created
  where positions.stream_created <> excluded.stream_created or positions.seq < excluded.seq`;

/** Moves a position; never backwards for the same stream. */
export async function savePosition(
  tx: EntityManager,
  projection: string,
  stream: string,
  to: Position,
): Promise<void> {
  await tx.query(MOVE, [projection, stream, to.streamCreated, to.seq]);
}

/** Creation time of a stream, the other half of a position's key. Throws when the stream does not exist. */
export async function streamCreated(bus: Bus, stream: string): Promise<string> {
  const info = await streamInfo(bus.manager, stream);
  if (!info) throw new Error(`stream ${stream} does not exist`);
  return info.created;
}

/** A projection that runs, and how far it is. */
interface Running {
  readonly projection: Projection;
  position: number;
}

/**
 * Runs projections of one stream: reads it in order from the stored positions and commits rows and positions together.
 * Several are folded from the same messages, in one transaction: who reads a row of one finds those of the others.
 * After every commit it tells `watermark.<projection>`, so that readers can wait instead of polling.
 */
export class Projector {
  private follower!: Follower;
  /** Whether the last commit failed in the middle. */
  private isUnsure = false;

  private constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly stream: { readonly name: string; readonly created: string },
    private readonly running: readonly Running[],
    private readonly onCommitted: (seq: number) => void,
  ) {}

  /**
   * Starts at the stored positions. `onCommitted` runs after every commit with the sequence that readers see now.
   */
  static async start(
    bus: Bus,
    dataSource: DataSource,
    wanted: Projection | readonly [Projection, ...Projection[]],
    onCommitted: (seq: number) => void = () => undefined,
  ): Promise<Projector> {
    const projections = 'apply' in wanted ? ([wanted] as const) : wanted;
    const [{ stream, owner, filter }] = projections;
    const created = await streamCreated(bus, stream);
    const running: Running[] = [];
    for (const projection of projections)
      running.push({ projection, position: await startOf(projection, created, dataSource) });
    const projector = new Projector(bus, dataSource, { name: stream, created }, running, onCommitted);
    const names = projections.map(({ name }) => name);
    projector.follower = new Follower(bus, {
      service: owner,
      name: `${names.length > 1 ? 'projections' : 'projection'} ${names.join(', ')}`,
      stream,
      fromSeq: projector.position + 1,
      ...(filter !== undefined && projections.every((one) => one.filter === filter) && { filter }),
      mayWait: (message) => running.every(({ projection }) => projection.mayWait?.(message) ?? false),
      onBatch: (batch) => projector.fold(batch),
    });
    for (const one of running) projector.tell(one);
    return projector;
  }

  /** Of its projections. */
  get names(): readonly string[] {
    return this.running.map(({ projection }) => projection.name);
  }

  /** Sequence of the last message folded and committed, by all of them. */
  get position(): number {
    return Math.min(...this.running.map(({ position }) => position));
  }

  get caughtUp(): Promise<void> {
    return this.follower.caughtUp;
  }

  stop(): Promise<void> {
    return this.follower.stop();
  }

  private async fold(batch: readonly StreamMessage[]): Promise<void> {
    const { seq } = batch[batch.length - 1]!;
    if (this.isUnsure) await this.lookAgain();
    this.isUnsure = true;
    try {
      await this.commit(this.running, batch);
    } catch (failure) {
      if (!isPoison(failure)) throw failure;
      // each for itself, so that one passes over what it alone cannot read
      for (const one of this.running)
        await passOverPoison(
          batch,
          (messages) => this.commit([one], messages),
          (message, error) => bury(this.bus, one.projection.name, message, error),
        );
    }
    this.isUnsure = false;
    for (const one of this.running) {
      one.position = Math.max(one.position, seq);
      this.tell(one);
    }
    this.onCommitted(seq);
  }

  /** A commit whose answer was lost may have been made. */
  private async lookAgain(): Promise<void> {
    const { name, created } = this.stream;
    for (const one of this.running)
      one.position = await loadPosition(this.dataSource.manager, one.projection.name, name, created);
  }

  private commit(running: readonly Running[], batch: readonly StreamMessage[]): Promise<void> {
    const { name, created } = this.stream;
    const { seq } = batch[batch.length - 1]!;
    return inFoldTransaction(this.dataSource, async (tx) => {
      const folds = running.map(async ({ projection, position }) => {
        const fresh = batch.filter((message) => message.seq > position);
        if (fresh.length > 0) await projection.apply(fresh, tx);
      });
      await Promise.all(folds);
      for (const { projection } of running) tx.write(MOVE, [projection.name, name, created, seq]);
    });
  }

  private tell({ projection: { name }, position }: Running): void {
    this.bus.tell({ service: name, stream: this.stream.name, seq: position });
  }
}

/** Where the projection goes on; from the start, its tables are emptied. */
function startOf(projection: Projection, created: string, dataSource: DataSource): Promise<number> {
  return dataSource.transaction(async (tx) => {
    const known = await loadPosition(tx, projection.name, projection.stream, created);
    if (known === 0) await emptyTables(tx, projection);
    return known;
  });
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
