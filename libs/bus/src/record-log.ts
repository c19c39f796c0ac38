import { CodedError } from '@signalbox/contracts';
import { nuid } from 'nats';
import { appendFenced, type FencedEnd, type FencedMessage } from './append-fenced.js';
import type { Bus } from './bus.js';
import { getLast } from './direct-get.js';
import { Pace } from './pace.js';
import { Pauses } from './pauses.js';
import { within } from './within.js';

/** A message takes no further records when it has this many, or so many bytes of them. */
export const BATCH_BOUNDS = { records: 1000, bytes: 1024 * 1024 } as const;

/** Pauses between tries while NATS does not take a message. Milliseconds; the last one is repeated. */
const PAUSE_MS = [100, 250, 500, 1000, 2000] as const;

/** How long a stop waits for what is under way. Milliseconds. */
const STOP_MS = 1000;

/** What stands around the records of a message. */
const [HEAD, SEPARATOR, TAIL] = ['{"records":[', ',', ']}'].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
];

/** Records that go into one message, alone or with those that wait behind them. */
interface Piece {
  readonly subject: string;
  readonly records: readonly Buffer[];
  readonly bytes: number;
  /** The last piece of what was appended tells where it stands. */
  readonly settle?: { readonly resolve: (seq: number) => void; readonly reject: (error: Error) => void };
}

/**
 * The one writer of some subjects of a stream, in batches: records stand in the stream in the order in which they were
 * appended, whatever their subjects, one message is under way at a time, and what is appended meanwhile, or under load in one
 * turn of a {@link Pace}, goes into the next one (a {@link RecordBatch}). At rest a record does not wait.
 *
 * Every message is fenced by the last sequence of its subject and sent again until it is stored, so a record is stored
 * exactly once, and a second writer is noticed. What one call appends stands in one message when it fits.
 */
export class RecordLog<R> {
  private readonly queue: Piece[] = [];
  private readonly lastSeqs = new Map<string, number>();
  private working: Promise<void> | undefined;
  private closed = false;
  private stopped = false;
  private hasGivenUp = false;
  private readonly pauses = new Pauses();
  /** Ends the wait for an answer of NATS. */
  private endWait: () => void = () => undefined;
  private readonly pace = new Pace();
  private readonly forgetReconnect: () => void;
  private readonly forgetCut: () => void;

  constructor(
    private readonly bus: Bus,
    private readonly stream: string,
  ) {
    this.forgetReconnect = bus.onReconnect(() => this.pauses.cut());
    this.forgetCut = bus.onCut(() => this.giveUpAll());
  }

  /** Messages' worth of records that are not stored yet, at least. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Most bytes that one record may have as JSON. */
  get maxRecordBytes(): number {
    return this.bus.maxBytes - HEAD.length - TAIL.length;
  }

  /**
   * Resolves with the sequence of the message that holds the last of the records when all are stored. Rejects with
   * `too-large`, and then nothing is stored, when one of them is larger than a message may be; with `nats-unavailable` when
   * the log is stopped before.
   */
  append(subject: string, records: readonly R[]): Promise<number> {
    if (this.closed) return Promise.reject(stoppedBefore());
    if (records.length === 0) return Promise.resolve(this.lastSeqs.get(subject) ?? 0);
    const encoded = records.map((record) => Buffer.from(JSON.stringify(record)));
    const largest = encoded.reduce((most, { length }) => Math.max(most, length), 0);
    if (largest > this.maxRecordBytes) return Promise.reject(this.tooLarge(subject, largest));
    this.pace.came();
    const stored = new Promise<number>((resolve, reject) => {
      const groups = this.split(encoded);
      for (const [at, group] of groups.entries())
        this.queue.push({
          subject,
          records: group,
          bytes: bytesOf(group),
          ...(at === groups.length - 1 && { settle: { resolve, reject } }),
        });
    });
    this.working ??= this.work();
    return stored;
  }

  /** Resolves when nothing waits any more: everything is stored, or was given up at a stop. */
  async idle(): Promise<void> {
    while (this.working) await this.working;
  }

  /** Resolves when everything that was appended so far is stored; rejects when some of it was given up at a stop. */
  async allStored(): Promise<void> {
    await this.idle();
    if (this.hasGivenUp) throw stoppedBefore();
  }

  /**
   * Takes nothing more. What is not stored after `waitMs` is given up, also what was just sent, and at once when NATS is away:
   * whoever waits gets `nats-unavailable`.
   */
  async stop(waitMs = STOP_MS): Promise<void> {
    this.closed = true;
    if (this.bus.isUp) await within(waitMs, this.idle());
    this.giveUpAll();
    this.forgetReconnect();
    this.forgetCut();
  }

  private giveUpAll(): void {
    this.closed = true;
    this.stopped = true;
    this.endWait();
    this.pauses.end();
  }

  private async work(): Promise<void> {
    // what is appended in the same turn goes together
    await Promise.resolve();
    while (this.queue.length > 0 && !this.stopped) {
      await this.paced();
      const pieces = this.take();
      const seq = await this.store(pieces);
      for (const { settle } of pieces) {
        if (seq === undefined) this.giveUp(settle);
        else settle?.resolve(seq);
      }
    }
    for (const { settle } of this.queue.splice(0)) this.giveUp(settle);
    this.working = undefined;
  }

  /** Under load messages wait for each other. */
  private async paced(): Promise<void> {
    const wait = this.pace.dueMs - performance.now();
    if (wait > 0 && !this.closed) await this.pauses.for(wait);
    this.pace.begin();
  }

  private giveUp(settle: Piece['settle']): void {
    this.hasGivenUp = true;
    settle?.reject(stoppedBefore());
  }

  /** The first piece and those behind it that fit into its message. */
  private take(): Piece[] {
    const [first] = this.queue;
    let bytes = 0;
    let records = 0;
    let count = 0;
    for (const piece of this.queue) {
      bytes += piece.bytes;
      records += piece.records.length;
      const fits = bytes <= this.batchBytes() && records <= BATCH_BOUNDS.records;
      if (piece !== first && (piece.subject !== first!.subject || !fits)) break;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  /** Stores one message; undefined when the log was stopped first. */
  private async store(pieces: readonly Piece[]): Promise<number | undefined> {
    const { stream } = this;
    const { subject } = pieces[0]!;
    const message = { stream, subject, data: dataOf(pieces), msgId: nuid.next() };
    for (let tries = 0, said = false; !this.stopped; tries += 1) {
      try {
        const { seq, isOurs } = await this.untilStop(this.send(message));
        this.lastSeqs.set(subject, seq);
        if (isOurs) return seq;
        this.bus.log.error({ subject, seq }, 'somebody else wrote on a subject that is ours alone');
      } catch (error) {
        await this.pauses.for(PAUSE_MS[Math.min(tries, PAUSE_MS.length - 1)]!);
        if (said || this.bus.outages.explain(error)) continue;
        said = true;
        this.bus.log.warn({ subject, reason: String(error) }, 'records wait for NATS');
      }
    }
    return undefined;
  }

  private async send(message: FencedMessage): Promise<FencedEnd> {
    const { stream, subject } = message;
    const lastSeq = this.lastSeqs.get(subject) ?? (await getLast(this.bus, stream, subject))?.seq ?? 0;
    return appendFenced(this.bus, message, lastSeq);
  }

  private untilStop<T>(asked: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.endWait = () => reject(stoppedBefore());
      asked.then(resolve, reject);
    });
  }

  /** Records in groups that each fit into a message: one group, when that is possible. */
  private split(records: readonly Buffer[]): Buffer[][] {
    if (records.length <= BATCH_BOUNDS.records && bytesOf(records) <= this.bus.maxBytes)
      return [[...records]];
    const groups: Buffer[][] = [];
    let bytes = Infinity;
    for (const record of records) {
      const group = groups.at(-1);
      bytes += record.length + SEPARATOR.length;
      if (group && group.length < BATCH_BOUNDS.records && bytes <= this.batchBytes()) group.push(record);
      else {
        groups.push([record]);
        bytes = record.length;
      }
    }
    return groups;
  }

  private batchBytes(): number {
    return Math.min(BATCH_BOUNDS.bytes, this.maxRecordBytes);
  }

  private tooLarge(subject: string, bytes: number): CodedError {
    const message = `a record on ${subject} has ${bytes} bytes, one message may have ${this.maxRecordBytes}: raise max_payload of NATS`;
    return new CodedError('too-large', message);
  }
}

function bytesOf(records: readonly Buffer[]): number {
  return records.reduce((sum, { length }) => sum + length + SEPARATOR.length, 0);
}

function dataOf(pieces: readonly Piece[]): Buffer {
  const parts: Buffer[] = [HEAD];
  for (const { records } of pieces)
    for (const record of records) {
      if (parts.length > 1) parts.push(SEPARATOR);
      parts.push(record);
    }
  parts.push(TAIL);
  return Buffer.concat(parts);
}

function stoppedBefore(): CodedError {
  return new CodedError('nats-unavailable', 'stopped before the records were stored');
}
