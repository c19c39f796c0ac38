import { CodedError } from '@signalbox/contracts';
import { AckPolicy, type Consumer, DeliverPolicy, type JsMsg, nanos, nuid, ReplayPolicy } from 'nats';
import { Backlog } from './backlog.js';
import type { Bus } from './bus.js';
import { Pace } from './pace.js';
import { Pauses } from './pauses.js';
import type { StreamMessage } from './stream-message.js';
import { SupervisedReader } from './supervised-reader.js';

/** Longest time that a message waits that may. Milliseconds. */
const LINGER_MS = 20;

/** Longest name of a consumer without its random end. */
const LONGEST_NAME = 80;

export interface FollowOptions {
  /** Who reads; by default what its connection is called. */
  readonly service?: string;
  /** What is read or what for. With the service it is shown in logs, and begins the name of the consumer. */
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
  /** Whether a message may wait 20 ms for others that are handled with it: nobody looks for what it brings at once. */
  readonly mayWait?: (message: StreamMessage) => boolean;
}

/**
 * Reads a stream in order without acks, in batches: a batch is what arrived while the previous one was handled, and under
 * load what arrived in one turn of a {@link Pace}.
 * Survives restarts of the server by asking again from the last message seen; a gap is never skipped.
 */
export class Follower {
  /** Resolves when everything that was in the stream at the start has been handled. */
  readonly caughtUp: Promise<void>;
  private markCaughtUp: () => void = () => undefined;
  private readonly reader: SupervisedReader;
  private readonly backlog: Backlog;
  private readonly pace = new Pace();
  private lastSeen: number;
  private handled: number;
  private deliverySeq = 0;
  private startTarget: number | undefined;
  private working: Promise<void> | undefined;
  private stopped = false;
  /** With the service, for logs and readiness. */
  private readonly name: string;
  /** Name of the consumer on the server. */
  private consumer: string | undefined;
  /** Counts the openings: one that was given up must not change what a later one found. */
  private openings = 0;
  /** Between tries, and before a turn. */
  private readonly pauses = new Pauses();
  private readonly turns = new Pauses();

  constructor(
    private readonly bus: Bus,
    private readonly options: FollowOptions,
  ) {
    this.lastSeen = options.fromSeq - 1;
    this.handled = this.lastSeen;
    this.backlog = new Backlog((message) => options.mayWait?.(message) ?? false);
    this.caughtUp = new Promise((resolve) => (this.markCaughtUp = resolve));
    this.name = `${options.service ?? bus.name} ${options.name}`;
    this.reader = new SupervisedReader(bus, {
      name: this.name,
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
    this.pauses.end();
    this.turns.end();
    await this.reader.stop();
    await Promise.all([this.working, this.dropConsumer()]);
  }

  private async dropConsumer(): Promise<void> {
    const { consumer } = this;
    this.consumer = undefined;
    if (consumer !== undefined) await this.bus.dropConsumer(this.options.stream, consumer);
  }

  private async open(): Promise<Consumer> {
    const { stream, filter } = this.options;
    const opening = ++this.openings;
    const info = await this.bus.manager.consumers.add(stream, {
      // named, so that the right to make one cannot be used to change a durable
      name: `${consumerToken(this.name)}-${nuid.next()}`,
      description: `${this.options.service ?? this.bus.name}: ${this.options.name}`,
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, this.lastSeen + 1),
      replay_policy: ReplayPolicy.Instant,
      inactive_threshold: nanos(30_000),
      max_deliver: 1,
      mem_storage: true,
      ...(filter !== undefined && { filter_subject: filter }),
    });
    if (opening !== this.openings)
      throw new CodedError('nats-unavailable', `the consumer ${info.name} came too late`);
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
    this.add({
      stream: info.stream,
      seq: info.streamSequence,
      subject: message.subject,
      data: message.data,
      time: Math.floor(info.timestampNanos / 1e6),
      ...(message.headers && { headers: message.headers }),
    });
    if (!this.working) this.working = this.work();
    else if (this.backlog.isFull) await this.working;
    return true;
  }

  private add(message: StreamMessage): void {
    const { backlog } = this;
    const [wasUrgent, filledBatch] = [backlog.isUrgent, backlog.fillsBatch];
    if (backlog.add(message)) this.pace.came();
    if (wasUrgent !== backlog.isUrgent || filledBatch !== backlog.fillsBatch) this.turns.cut();
  }

  /** Resolves when the next batch may begin. */
  private async turn(): Promise<void> {
    for (let wait = this.leftMs(); wait > 0 && !this.stopped; wait = this.leftMs())
      await this.turns.for(wait);
  }

  private leftMs(): number {
    const { backlog } = this;
    const isOfThePast = this.startTarget === undefined || this.handled < this.startTarget;
    if (isOfThePast || backlog.fillsBatch) return 0;
    const { dueMs } = this.pace;
    return (backlog.isUrgent ? dueMs : Math.max(dueMs, backlog.waitsSinceMs + LINGER_MS)) - performance.now();
  }

  /** Ends in the same step in which it finds the buffer empty, so that no message can arrive unnoticed in between. */
  private async work(): Promise<void> {
    // what came with the same read of the socket goes together
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (!this.backlog.isEmpty && !this.stopped) {
        await this.turn();
        if (this.stopped) return;
        this.pace.begin();
        const batch = this.backlog.take();
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
    const { name } = this;
    for (let pauseMs = 100, failing = false; !this.stopped; pauseMs = Math.min(pauseMs * 2, 5000)) {
      try {
        await this.options.onBatch(batch);
        if (failing) bus.log.info({ follower: name }, 'following again');
        bus.troubles.delete(name);
        return;
      } catch (error) {
        await this.pauses.for(pauseMs);
        if (failing || this.stopped || bus.outages.explain(error)) continue;
        failing = true;
        bus.troubles.set(name, String(error));
        const fields = { follower: name, err: error, seq: batch[0]?.seq };
        bus.log.error(fields, 'a batch could not be handled, trying again');
      }
    }
    bus.troubles.delete(name);
  }
}

/** What may stand in the name of a consumer; the random end makes it unique. */
function consumerToken(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, LONGEST_NAME)
    .replace(/-+$/, '');
}
