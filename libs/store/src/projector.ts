import { type Bus, buryUnreadable, Follower, type StreamMessage } from '@signalbox/bus';
import { CodedError, STREAMS } from '@signalbox/contracts';
import type { DataSource } from 'typeorm';
import { type FoldTables, inFoldTransaction } from './fold-transaction.js';
import { loadPosition, MOVE_POSITION, streamCreated } from './positions.js';
import type { Projection } from './projection.js';
import { startPosition } from './start-position.js';

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
      running.push({ projection, position: await startPosition(bus, projection, created, dataSource) });
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
      // also past a last one that could not be folded: nobody shall meet it again
      await this.commit(this.running, [], seq);
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

  private commit(
    running: readonly Running[],
    batch: readonly StreamMessage[],
    seq = batch[batch.length - 1]!.seq,
  ): Promise<void> {
    const { name, created } = this.stream;
    const work = async (tx: FoldTables): Promise<void> => {
      const folds = running.map(({ projection, position }) => ({
        projection,
        fresh: batch.filter((message) => message.seq > position),
      }));
      // first, because who mends the tables holds the position meanwhile
      for (const { projection, fresh } of folds)
        tx.write(MOVE_POSITION, [projection.name, name, created, seq, fresh[0]?.seq ?? null]);
      await Promise.all(
        folds.map(async ({ projection, fresh }) => {
          if (fresh.length > 0) await projection.apply(fresh, tx);
        }),
      );
    };
    return inFoldTransaction(this.dataSource, work, () => this.lookAgain());
  }

  private tell({ projection: { name }, position }: Running): void {
    this.bus.tell({ service: name, stream: this.stream.name, seq: position });
  }
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
  const { stream, seq } = message;
  bus.repeats.tell(
    `unreadable ${projection} ${stream}`,
    { projection, stream },
    { seq, reason: error.message },
    'a record cannot be read, passing over it',
  );
  if (stream !== STREAMS.dead) await buryUnreadable(bus, 'projection', message, error);
}
