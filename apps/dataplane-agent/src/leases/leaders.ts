import { type Bus, LatestReader, readRecord, type StreamMessage, untilStream } from '@signalbox/bus';
import {
  CodedError,
  decodeLeaderLease,
  type LeaderLease,
  LEADERS_STREAM,
  leaderSubject,
} from '@signalbox/contracts';
import { uptimeMs } from './uptime.js';

/** A key of the bucket as it was read last. */
export interface LeaderKey {
  readonly revision: number;
  /** Absent: somebody deleted it. */
  readonly lease?: LeaderLease;
  readonly atMs: number;
}

/** What is told of the bucket. */
export interface LeadersListener {
  /** It is read as a whole from here on. */
  began(reading: number, sinceMs: number): void;
  read(subject: string, key: LeaderKey): void;
}

/**
 * The bucket in which nodes agree on who leads a VIP: one reader of all keys, and a way to write one by its revision. It is there before NATS
 * is, and knows nothing until then.
 */
export class Leaders {
  /** Number of the present reading, and since when it goes; undefined: nothing was read yet. */
  reading: { readonly number: number; readonly sinceMs: number } | undefined;
  private readonly keys = new Map<string, LeaderKey>();
  private readonly listeners = new Set<LeadersListener>();
  private readonly ended = new AbortController();
  private bus: Bus | undefined;
  private reader: LatestReader | undefined;
  private starting: Promise<void> | undefined;

  /** Whether NATS can be asked now. */
  get isUp(): boolean {
    return this.bus?.isUp ?? false;
  }

  /** NATS is there: the bucket is followed as soon as somebody has made it, and somebody wants to know. */
  attach(bus: Bus): void {
    this.bus = bus;
    this.begin();
  }

  async stop(): Promise<void> {
    this.ended.abort();
    await this.starting;
    await this.reader?.stop();
  }

  /** Tells everything from now on. Returns a function that ends this. */
  listen(listener: LeadersListener): () => void {
    this.listeners.add(listener);
    this.begin();
    return () => this.listeners.delete(listener);
  }

  /** What the present reading says of a VIP; undefined: it has no key. */
  keyOf(address: string): LeaderKey | undefined {
    return this.keys.get(leaderSubject(address));
  }

  /**
   * Writes the lease of a VIP if its key has this revision (0: if there is none), and gives the new one. Rejects with `WrongSequenceError` if
   * it has another, and with `nats-unavailable` when nobody says so in time: it may be written or not then.
   */
  async write(address: string, expected: number, lease: LeaderLease, timeoutMs: number): Promise<number> {
    const { bus } = this;
    if (!bus?.isUp) throw new CodedError('nats-unavailable', 'NATS cannot be reached');
    const how = { expectLastSubjectSeq: expected, timeoutMs };
    return (await bus.whileConnected(bus.publisher.publishJson(leaderSubject(address), lease, how))).seq;
  }

  /** A node without such VIPs asks nothing of NATS. */
  private begin(): void {
    if (this.bus && this.listeners.size > 0) this.starting ??= this.follow(this.bus);
  }

  private async follow(bus: Bus): Promise<void> {
    if (!(await untilStream(bus, LEADERS_STREAM, this.ended.signal))) return;
    this.reader = new LatestReader(bus, {
      name: 'leaders',
      stream: LEADERS_STREAM,
      filter: leaderSubject('>'),
      onBegin: () => this.readAnew(),
      onMessage: (message) => this.take(bus, message),
    });
  }

  private readAnew(): void {
    this.keys.clear();
    this.reading = { number: (this.reading?.number ?? 0) + 1, sinceMs: uptimeMs() };
    for (const listener of this.listeners) listener.began(this.reading.number, this.reading.sinceMs);
  }

  private take(bus: Bus, message: StreamMessage): void {
    const isGone = message.headers?.has('KV-Operation') ?? false;
    const lease = isGone ? undefined : readRecord(bus.log, message, decodeLeaderLease);
    const key = { revision: message.seq, atMs: uptimeMs(), ...(lease && { lease }) };
    this.keys.set(message.subject, key);
    for (const listener of this.listeners) listener.read(message.subject, key);
  }
}
