import type { Bus } from './bus.js';
import { getLast } from './direct-get.js';
import { WrongSequenceError } from './publisher.js';

/** A message of a subject that has one writer. */
export interface FencedMessage {
  readonly stream: string;
  readonly subject: string;
  readonly data: Uint8Array;
  /** The same when the message is sent again. */
  readonly msgId: string;
}

/** How the last message of a subject is read. */
export type ReadLast = typeof getLast;

/** Where the subject ends now. `isOurs`: with this message; otherwise somebody else wrote, and it is not stored. */
export interface FencedEnd {
  readonly seq: number;
  readonly isOurs: boolean;
}

/**
 * Appends one message behind `lastSeq`, the last sequence of its subject (0 = none yet). A message whose ack was lost is
 * recognised by its id when it is sent again, however late, as long as nothing stands behind it. Throws what the publisher
 * throws: the message may be stored or not, send it again. A subject that ends before `lastSeq` was purged meanwhile, which is
 * nobody's mistake: the message goes behind what is left.
 */
export async function appendFenced(
  bus: Bus,
  message: FencedMessage,
  lastSeq: number,
  readLast: ReadLast = getLast,
): Promise<FencedEnd> {
  const { stream, subject, data, msgId } = message;
  try {
    const { seq } = await bus.publisher.publish(subject, data, { msgId, expectLastSubjectSeq: lastSeq });
    return { seq, isOurs: true };
  } catch (error) {
    if (!(error instanceof WrongSequenceError)) throw error;
    const last = await readLast(bus, stream, subject);
    const seq = last?.seq ?? 0;
    if (seq < lastSeq) return appendFenced(bus, message, seq, readLast);
    return { seq, isOurs: last?.headers?.get('Nats-Msg-Id') === msgId };
  }
}
