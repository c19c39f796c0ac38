import { type CodedError, type DeadLetter, type ErrorBody, formatTime, SUBJECTS } from '@signalbox/contracts';
import type { Bus } from './bus.js';
import type { StreamMessage } from './stream-message.js';

/** Most bytes of the original payload that a dead letter keeps. */
export const DEAD_DATA_BYTES = 256 * 1024;

/** What is known about a message that cannot be processed. */
export interface Dead {
  readonly service: string;
  readonly error: ErrorBody;
  readonly subject: string;
  readonly data: Uint8Array;
  readonly at: string;
  readonly stream?: string;
  readonly seq?: number;
  readonly deliveries?: number;
  readonly about?: Readonly<Record<string, string>>;
  /** Same id = same dead letter, however often it is sent. */
  readonly msgId: string;
}

/** Appends a dead letter and waits for its ack; the caller may then let the original go. */
export async function appendDeadLetter(bus: Bus, dead: Dead): Promise<void> {
  const { msgId, data, ...rest } = dead;
  const cut = data.subarray(0, DEAD_DATA_BYTES);
  const text = utf8(cut);
  const letter: DeadLetter = {
    ...rest,
    encoding: text === undefined ? 'base64' : 'utf8',
    data: text ?? Buffer.from(cut).toString('base64'),
    truncated: cut.byteLength < data.byteLength,
  };
  await bus.publisher.publishJson(SUBJECTS.dead(dead.service, dead.error.code), letter, { msgId });
}

/**
 * Keeps a record that cannot be read as a dead letter. Whoever passes over it makes the same one, however often: `dead_letters` has
 * it once.
 */
export async function buryUnreadable(
  bus: Bus,
  service: string,
  { stream, seq, subject, data, time }: StreamMessage,
  error: CodedError,
): Promise<void> {
  await appendDeadLetter(bus, {
    service,
    error: error.toBody(),
    subject,
    data,
    at: formatTime(time),
    stream,
    seq,
    about: { stream, seq: String(seq) },
    msgId: `unreadable:${stream}:${seq}`,
  });
}

function utf8(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(data);
  } catch {
    return undefined;
  }
}
