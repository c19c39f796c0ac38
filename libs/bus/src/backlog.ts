import { BOUNDS } from '@signalbox/contracts';
import type { StreamMessage } from './stream-message.js';

/** Most messages of one batch. */
export const BATCH_SIZE = BOUNDS.readAheadMessages / 2;

/** A batch takes no further messages when its data has so many bytes: they hold any number of records. */
export const BATCH_BYTES = BOUNDS.readAheadBytes / 2;

/** Messages of a stream that are not handled yet, in its order, as batches of a bounded size. */
export class Backlog {
  private messages: StreamMessage[] = [];
  private bytes = 0;
  private urgentCount = 0;
  private sinceMs = 0;

  /** `mayWait`: whether a message may wait for others. */
  constructor(private readonly mayWait: (message: StreamMessage) => boolean) {}

  get isEmpty(): boolean {
    return this.messages.length === 0;
  }

  /** Whether there is as much as a batch takes. */
  get fillsBatch(): boolean {
    return this.messages.length >= BATCH_SIZE || this.bytes >= BATCH_BYTES;
  }

  /** Whether there is so much that no more should be read until some of it is handled. */
  get isFull(): boolean {
    return this.messages.length >= BOUNDS.readAheadMessages || this.bytes >= BOUNDS.readAheadBytes;
  }

  /** Whether some message must not wait. */
  get isUrgent(): boolean {
    return this.urgentCount > 0;
  }

  /** Since when the first message waits, by `performance.now()`. */
  get waitsSinceMs(): number {
    return this.sinceMs;
  }

  /** Says whether the message is urgent. */
  add(message: StreamMessage): boolean {
    if (this.messages.push(message) === 1) this.sinceMs = performance.now();
    this.bytes += message.data.length;
    const isUrgent = !this.mayWait(message);
    if (isUrgent) this.urgentCount += 1;
    return isUrgent;
  }

  /** The first batch, with one message at least. */
  take(): readonly StreamMessage[] {
    let [count, bytes] = [0, 0];
    for (; count < Math.min(this.messages.length, BATCH_SIZE) && bytes < BATCH_BYTES; count += 1)
      bytes += this.messages[count]!.data.length;
    const batch = this.messages.slice(0, count);
    this.messages = this.messages.slice(count);
    this.bytes -= bytes;
    this.urgentCount -= batch.filter((message) => !this.mayWait(message)).length;
    this.sinceMs = performance.now();
    return batch;
  }
}
