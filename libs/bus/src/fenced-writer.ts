import { BOUNDS, CodedError } from '@signalbox/contracts';
import { appendFenced, type ReadLast } from './append-fenced.js';
import type { Bus } from './bus.js';
import { Pauses } from './pauses.js';
import { WrongSequenceError } from './publisher.js';

/** Records of one subject that may wait for NATS; after that the newest waiting one is merged with each newcomer. */
export const QUEUED_PER_SUBJECT = BOUNDS.recordsOfSubject;
const PAUSE_MS = [100, 250, 500, 1000, 2000] as const;

/** What a writer has to know of its records. */
export interface FencedRecords<R> {
  readonly stream: string;
  readonly subjectOf: (record: R) => string;
  /** The same for the same record, also when it is sent again. */
  readonly idOf: (record: R) => string;
  /** One record that says what two that follow each other say. */
  readonly merge: (older: R, newer: R) => R;
  /** How a subject's end is read when somebody else seems to have written; absent: from the leader of the stream. */
  readonly readLast?: ReadLast;
}

interface Entry<R> {
  record: R;
  readonly stored: Promise<number>;
  readonly resolve: (seq: number) => void;
  readonly reject: (error: Error) => void;
}

interface Lane<R> {
  lastSeq: number;
  readonly queue: Entry<R>[];
  working: boolean;
}

/**
 * The one writer of some subjects: the records of each subject are appended in order, fenced by the subject's last
 * sequence, and sent again until they are stored. While NATS is away they wait, at most {@link QUEUED_PER_SUBJECT} a
 * subject. A record that can never be stored is dropped, so that the next ones are.
 */
export class FencedWriter<R> {
  private readonly lanes = new Map<string, Lane<R>>();
  private stopped = false;
  private newest = 0;
  private readonly pauses = new Pauses();

  constructor(
    private readonly bus: Bus,
    private readonly records: FencedRecords<R>,
  ) {
    bus.onCut(() => this.stop());
  }

  /** Sequence of the newest record that this writer appended, 0 when there is none. */
  get lastSeq(): number {
    return this.newest;
  }

  /** Records that are not stored yet. */
  get waiting(): number {
    let sum = 0;
    for (const { queue } of this.lanes.values()) sum += queue.length;
    return sum;
  }

  /** Tells where a subject stands, before its first record of this process. */
  resume(subject: string, lastSeq: number): void {
    this.laneOf(subject).lastSeq = lastSeq;
  }

  /**
   * Resolves with the sequence when the record, or one that says it too, is stored. Rejects with `nats-unavailable`
   * when stopped, and with the error of a record that can never be stored, such as `too-large`.
   */
  append(record: R): Promise<number> {
    const lane = this.laneOf(this.records.subjectOf(record));
    const newest = lane.queue.at(-1);
    if (newest && lane.queue.length >= QUEUED_PER_SUBJECT) {
      newest.record = this.records.merge(newest.record, record);
      return newest.stored;
    }
    const entry = entryOf(record);
    lane.queue.push(entry);
    if (!lane.working) void this.work(lane);
    return entry.stored;
  }

  /** Gives up what is not stored yet: whoever waits gets `nats-unavailable`. */
  stop(): void {
    this.stopped = true;
    this.pauses.end();
  }

  private laneOf(subject: string): Lane<R> {
    let lane = this.lanes.get(subject);
    if (!lane) this.lanes.set(subject, (lane = { lastSeq: 0, queue: [], working: false }));
    return lane;
  }

  private async work(lane: Lane<R>): Promise<void> {
    lane.working = true;
    for (let tries = 0, said = false, entry = lane.queue[0]; entry; entry = lane.queue[0]) {
      const { record } = entry;
      if (this.stopped) {
        lane.queue.shift();
        entry.reject(new CodedError('nats-unavailable', 'stopped before a record was stored'));
        continue;
      }
      try {
        lane.lastSeq = await this.publish(lane, record);
        this.newest = Math.max(this.newest, lane.lastSeq);
        tries = 0;
        said = false;
        lane.queue.shift();
        entry.resolve(lane.lastSeq);
      } catch (err) {
        const subject = this.records.subjectOf(record);
        if (err instanceof CodedError && !err.retryable) {
          this.bus.log.error(
            { subject, reason: String(err) },
            'a record was dropped: it can never be stored',
          );
          tries = 0;
          lane.queue.shift();
          entry.reject(err);
          continue;
        }
        await this.pauses.for(PAUSE_MS[Math.min(tries, PAUSE_MS.length - 1)] ?? PAUSE_MS[0]);
        if (!said && !this.bus.outages.explain(err)) {
          said = true;
          this.bus.log.warn({ subject, reason: String(err) }, 'a record waits for NATS');
        }
        tries += 1;
      }
    }
    lane.working = false;
  }

  private async publish(lane: Lane<R>, record: R): Promise<number> {
    const subject = this.records.subjectOf(record);
    const msgId = this.records.idOf(record);
    const data = Buffer.from(JSON.stringify(record));
    const { stream, readLast } = this.records;
    const message = { stream, subject, data, msgId };
    const { seq, isOurs } = await appendFenced(this.bus, message, lane.lastSeq, readLast);
    if (isOurs) return seq;
    this.bus.log.error({ subject, seq }, 'somebody else wrote on a subject that is ours alone');
    lane.lastSeq = seq;
    throw new WrongSequenceError(subject);
  }
}

function entryOf<R>(record: R): Entry<R> {
  let settle: Pick<Entry<R>, 'resolve' | 'reject'> | undefined;
  const stored = new Promise<number>((resolve, reject) => (settle = { resolve, reject }));
  stored.catch(() => undefined); // not everybody waits
  return { record, stored, ...settle! };
}
