import { CodedError } from '@signalbox/contracts';
import {
  createInbox,
  ErrorCode,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  NatsError,
  type Subscription,
} from 'nats';

/** What a publisher may demand of the stream; the server refuses the message otherwise. */
export interface PublishOptions {
  /** Makes a repeat within the stream's duplicate window harmless. Covers lost acks only. */
  readonly msgId?: string;
  /** The stream's last sequence must be this one. */
  readonly expectLastSeq?: number;
  /** The last sequence of this very subject must be this one (0 = none yet). */
  readonly expectLastSubjectSeq?: number;
  /** Further headers of the message. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds until the ack is given up, default 5000. */
  readonly timeoutMs?: number;
}

/** The server's word that a message is stored. */
export interface Ack {
  readonly stream: string;
  readonly seq: number;
  readonly duplicate: boolean;
}

/** Thrown when an expected sequence did not hold: somebody else wrote, or our own lost message did. */
export class WrongSequenceError extends Error {
  constructor(readonly subject: string) {
    super(`the last sequence on ${subject} is not the expected one`);
    this.name = 'WrongSequenceError';
  }
}

/** Why NATS stores nothing more for subjects with the same first token, since when, and when it refused last. */
export interface StorageRefusal {
  readonly since: number;
  readonly last: number;
  readonly code: 'storage-full' | 'nats-unavailable';
  readonly message: string;
}

interface Waiting {
  readonly subject: string;
  readonly resolve: (ack: Ack) => void;
  readonly reject: (error: Error) => void;
  readonly deadline: number;
}

const WRONG_LAST_SEQUENCE = [10071, 10164];
/** A bound of the stream, or of everything that the server or the account stores. */
const STREAM_FULL = [10077, 10122];
const STORE_FULL = [10047, 10023, 10002];
const SWEEP_MS = 250;

/**
 * JetStream publishing over one shared ack inbox, so that thousands of messages may be in flight.
 * Every call resolves with the server's ack or throws: {@link WrongSequenceError}, `storage-full`,
 * `too-large` (over the server's max_payload), `nats-unavailable` (no ack in time: the message may be stored or not).
 */
export class Publisher {
  private readonly inbox: string;
  /**
   * By the first token of a subject, what was not stored last although NATS is connected; the next message that is stored ends
   * it.
   */
  readonly refusals = new Map<string, StorageRefusal>();
  private readonly waiting = new Map<string, Waiting>();
  private readonly subscription: Subscription;
  /** Undefined while nothing waits. */
  private sweeper: NodeJS.Timeout | undefined;
  private next = 0;

  constructor(
    private readonly connection: NatsConnection,
    inboxPrefix: string,
  ) {
    this.inbox = createInbox(inboxPrefix);
    this.subscription = connection.subscribe(`${this.inbox}.*`, {
      callback: (_error, reply) => this.settle(reply),
    });
  }

  /** Publishes a JSON body. */
  publishJson(subject: string, body: unknown, options: PublishOptions = {}): Promise<Ack> {
    return this.publish(subject, Buffer.from(JSON.stringify(body)), options);
  }

  /** Publishes bytes; see the class for what is thrown. */
  publish(subject: string, data: Uint8Array, options: PublishOptions = {}): Promise<Ack> {
    const limit = this.connection.info?.max_payload ?? Number.MAX_SAFE_INTEGER;
    const tooLarge = (size: string): CodedError =>
      new CodedError(
        'too-large',
        `the message on ${subject} has ${size}; this NATS server takes ${limit} (max_payload)`,
      );
    if (data.byteLength > limit) return Promise.reject(tooLarge(`${data.byteLength} bytes`));
    const headers = demandsOf(options);
    const token = String(++this.next);
    return new Promise<Ack>((resolve, reject) => {
      this.waiting.set(token, {
        subject,
        resolve,
        reject,
        deadline: Date.now() + (options.timeoutMs ?? 5000),
      });
      this.sweepLater();
      try {
        this.connection.publish(subject, data, {
          reply: `${this.inbox}.${token}`,
          ...(headers && { headers }),
        });
      } catch (cause) {
        this.waiting.delete(token);
        // the client counts the headers as well
        if (cause instanceof NatsError && cause.code === (ErrorCode.MaxPayloadExceeded as string)) {
          reject(tooLarge(`${data.byteLength} bytes and its headers`));
          return;
        }
        reject(
          new CodedError('nats-unavailable', `cannot publish on ${subject}: NATS is not connected`, [], {
            cause,
          }),
        );
      }
    });
  }

  /** Fails everything that still waits for an ack. */
  failPending(reason: string): void {
    for (const [token, { subject, reject }] of [...this.waiting]) {
      this.waiting.delete(token);
      reject(new CodedError('nats-unavailable', `no ack for ${subject}: ${reason}`));
    }
  }

  /** Fails what waits for an ack of one subject. */
  failSubject(refused: string, reason: string): void {
    for (const [token, { subject, reject }] of [...this.waiting]) {
      if (subject !== refused) continue;
      this.waiting.delete(token);
      reject(new CodedError('nats-unavailable', `no ack for ${subject}: ${reason}`));
    }
  }

  close(): void {
    clearTimeout(this.sweeper);
    this.failPending('shutting down');
    if (!this.connection.isClosed()) this.subscription.unsubscribe();
  }

  private settle(reply: Msg): void {
    const token = reply.subject.slice(this.inbox.length + 1);
    const waiting = this.waiting.get(token);
    if (!waiting) return;
    this.waiting.delete(token);
    const { subject, resolve, reject } = waiting;
    if (reply.headers?.code === 503) {
      this.noteRefusal(subject, 'nats-unavailable', 'no stream takes it');
      reject(new CodedError('nats-unavailable', `no stream takes ${subject}`));
      return;
    }
    const ack = JSON.parse(reply.string()) as {
      stream: string;
      seq: number;
      duplicate?: boolean;
      error?: { err_code: number; description: string };
    };
    if (!ack.error && this.refusals.size > 0) this.refusals.delete(areaOf(subject));
    if (!ack.error) resolve({ stream: ack.stream, seq: ack.seq, duplicate: ack.duplicate === true });
    else if (WRONG_LAST_SEQUENCE.includes(ack.error.err_code)) reject(new WrongSequenceError(subject));
    else if (STREAM_FULL.includes(ack.error.err_code)) {
      const message = `the stream for ${subject} is full: ${ack.error.description}`;
      this.noteRefusal(subject, 'storage-full', message);
      reject(new CodedError('storage-full', message));
    } else if (STORE_FULL.includes(ack.error.err_code)) {
      const message = `NATS has no room for ${subject} (${ack.error.description}): make room on its disk or raise its max_file_store`;
      this.noteRefusal(subject, 'storage-full', message);
      reject(new CodedError('storage-full', message));
    } else reject(new CodedError('nats-unavailable', `NATS refused ${subject}: ${ack.error.description}`));
  }

  private noteRefusal(subject: string, code: StorageRefusal['code'], message: string): void {
    const area = areaOf(subject);
    const last = Date.now();
    this.refusals.set(area, { since: this.refusals.get(area)?.since ?? last, last, code, message });
  }

  private sweepLater(): void {
    this.sweeper ??= setTimeout(() => this.sweep(), SWEEP_MS).unref();
  }

  private sweep(): void {
    this.sweeper = undefined;
    const now = Date.now();
    for (const [token, { subject, reject, deadline }] of this.waiting) {
      if (deadline > now) break;
      this.waiting.delete(token);
      this.noteRefusal(subject, 'nats-unavailable', 'no message is acknowledged');
      reject(new CodedError('nats-unavailable', `no ack for ${subject} in time`));
    }
    if (this.waiting.size > 0) this.sweepLater();
  }
}

function areaOf(subject: string): string {
  return subject.split('.', 1)[0]!;
}

/**
 * The headers of a message, undefined when nothing is demanded. The client asks headers of its own for these bytes and
 * for nothing else; making those would cost more than all else that a publish does here.
 */
function demandsOf({
  msgId,
  expectLastSeq,
  expectLastSubjectSeq,
  headers = {},
}: PublishOptions): MsgHdrs | undefined {
  let lines = '';
  if (msgId !== undefined) lines += `Nats-Msg-Id: ${inOneLine(msgId)}\r\n`;
  if (expectLastSeq !== undefined) lines += `Nats-Expected-Last-Sequence: ${expectLastSeq}\r\n`;
  if (expectLastSubjectSeq !== undefined)
    lines += `Nats-Expected-Last-Subject-Sequence: ${expectLastSubjectSeq}\r\n`;
  for (const [name, value] of Object.entries(headers)) lines += `${name}: ${inOneLine(value)}\r\n`;
  if (lines === '') return undefined;
  return { encode: () => Buffer.from(`NATS/1.0\r\n${lines}\r\n`) } as unknown as MsgHdrs;
}

/** A line end would begin another header. */
function inOneLine(value: string): string {
  if (/[\r\n]/.test(value)) throw new RangeError('the value of a header must not hold line ends');
  return value;
}
