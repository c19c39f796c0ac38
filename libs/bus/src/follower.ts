import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos, nuid, ReplayPolicy } from 'nats';
import type { Bus } from './bus.js';
import type { StreamMessage } from './stream-message.js';
import { SupervisedReader } from './supervised-reader.js';

/** Most messages of one batch. */
export const BATCH_SIZE = 500;

/** Longest wait for the server to drop the consumer of a follower that stops. Milliseconds. */
const DROP_MS = 500;

/** Begins the names of the consumers that followers make for themselves. */
const EPHEMERAL = 'follower-';

export interface FollowOptions {
  /** Shown in logs. */
  readonly name: string;
  readonly stream: string;
  readonly filter?: string;
  /** First sequence wanted. */
  readonly fromSeq: number;
  /**
   * Handles a batch in stream order; one at a time. When it throws, the same batch is given again after a pause
   * (100 ms → 5 s), so it must be safe to repeat.
   */
  readonly onBatch: (batch: readonly StreamMessage[]) => Promise<void>;
}

/**
 * Reads a stream in order without acks, in batches: a batch is what arrived while the previous one was handled.
 * Survives restarts of the server by asking again from the last message seen; a gap is never skipped.
 */
export class Follower {
  /** Resolves when everything that was in the stream at the start has been handled. */
  readonly caughtUp: Promise<void>;
  private markCaughtUp: () => void = () => undefined;
  private readonly reader: SupervisedReader;
  private buffer: StreamMessage[] = [];
  private lastSeen: number;
  private handled: number;
  private deliverySeq = 0;
  private startTarget: number | undefined;
  private working: Promise<void> | undefined;
  private stopped = false;
  /** Name of the consumer on the server. */
  private consumer: string | undefined;
  private wakeRetry: () => void = () => undefined;

  constructor(
    private readonly bus: Bus,
    private readonly options: FollowOptions,
  ) {
    this.lastSeen = options.fromSeq - 1;
    this.handled = this.lastSeen;
    this.caughtUp = new Promise((resolve) => (this.markCaughtUp = resolve));
    this.reader = new SupervisedReader(bus, {
      name: options.name,
      open: () => this.open(),
      onMessage: (message) => this.receive(message),
    });
  }

  /** Sequence of the last message handled. */
  get position(): number {
    return this.handled;
  }

  /** Stops after the batch in work. The consumer goes as well, when NATS is there to be told. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wakeRetry();
    await this.reader.stop();
    await Promise.all([this.working, this.dropConsumer()]);
  }

  /** What cannot be dropped now goes by itself, when nobody has read for a while. */
  private async dropConsumer(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    if (consumer === undefined || !this.bus.isUp) return;
    try {
      const manager = await this.bus.connection.jetstreamManager({ timeout: DROP_MS, checkAPI: false });
      await manager.consumers.delete(this.options.stream, consumer);
    } catch {
      // gone already, or NATS is
    }
  }

  private async open(): Promise<Consumer> {
    const { stream, filter } = this.options;
    const info = await this.bus.manager.consumers.add(stream, {
      // named, so that the right to make one cannot be used to change a durable
      name: `${EPHEMERAL}${nuid.next()}`,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, this.lastSeen + 1),
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: nanos(30_000),
      max_deliver: 1,
      mem_storage: true,
      ...(filter !== undefined && { filter_subject: filter }),
    });
    this.consumer = info.name;
    this.deliverySeq = 0;
    if (info.num_pending === 0 && this.startTarget === undefined) {
      // also when what was pending at the first attempt was removed meanwhile
      this.startTarget = this.lastSeen;
      if (this.handled >= this.lastSeen) this.markCaughtUp();
    }
    return this.bus.jetstream.consumers.get(stream, info.name);
  }

  private async receive(message: JsMsg): Promise<boolean> {
    const { info } = message;
    if (info.deliverySequence !== this.deliverySeq + 1) return false;
    this.deliverySeq = info.deliverySequence;
    this.lastSeen = info.streamSequence;
    if (this.startTarget === undefined && info.pending === 0) this.startTarget = info.streamSequence;
    this.buffer.push({
      stream: info.stream,
      seq: info.streamSequence,
      subject: message.subject,
      data: message.data,
      time: Math.floor(info.timestampNanos / 1e6),
      ...(message.headers && { headers: message.headers }),
    });
    if (!this.working) this.working = this.work();
    else if (this.buffer.length >= 2 * BATCH_SIZE) await this.working;
    return true;
  }

  /** Ends in the same step in which it finds the buffer empty, so that no message can arrive unnoticed in between. */
  private async work(): Promise<void> {
    await Promise.resolve();
    try {
      while (this.buffer.length > 0 && !this.stopped) {
        const batch = this.buffer.slice(0, BATCH_SIZE);
        this.buffer = this.buffer.slice(BATCH_SIZE);
        await this.handle(batch);
        if (this.stopped) return;
        this.handled = batch[batch.length - 1]?.seq ?? this.handled;
        if (this.startTarget !== undefined && this.handled >= this.startTarget) this.markCaughtUp();
      }
    } finally {
      this.working = undefined;
    }
  }

  /** What fails is logged once, after the pause: by then it is known whether a server is away, which has a line of its own. */
  private async handle(batch: readonly StreamMessage[]): Promise<void> {
    const { bus } = this;
    const { name } = this.options;
    for (let pauseMs = 100, failing = false; !this.stopped; pauseMs = Math.min(pauseMs * 2, 5000)) {
      try {
        await this.options.onBatch(batch);
        if (failing) bus.log.info({ follower: name }, 'following again');
        bus.troubles.delete(name);
        return;
      } catch (error) {
        await this.pause(pauseMs);
        if (failing || this.stopped || bus.outages.explain(error)) continue;
        failing = true;
        bus.troubles.set(name, String(error));
        const fields = { follower: name, err: error, seq: batch[0]?.seq };
        bus.log.error(fields, 'a batch could not be handled, trying again');
      }
    }
    bus.troubles.delete(name);
  }

  private pause(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeRetry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
