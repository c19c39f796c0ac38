import { BOUNDS, CodedError, maskUrl, type Watermark } from '@signalbox/contracts';
import {
  connect,
  type ConnectionOptions,
  DebugEvents,
  ErrorCode,
  Events,
  type JetStreamClient,
  type JetStreamManager,
  type NatsConnection,
  NatsError,
  RequestStrategy,
} from 'nats';
import { faultOf, noJetStream, refusedLogin } from './connection-faults.js';
import { authenticatorOf, type NatsAccess, tlsOptions } from './nats-access.js';
import { Endpoints } from './endpoints.js';
import { FirstThenCount } from './first-then-count.js';
import { Marks } from './marks.js';
import { Outages, Presence } from './outages.js';
import { Publisher } from './publisher.js';
import { within } from './within.js';

/** Where bus code says what it does; one line per state change. */
export interface BusLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Room that stays free below the server's `max_payload` for headers and envelopes. */
export const PAYLOAD_RESERVE = 64 * 1024;

/** Whom a process connects as, and where. */
export interface BusOptions extends NatsAccess {
  /** Name of the connection; with `-` for what cannot stand in a subject, also of its inboxes: `_INBOX_<name>.>`. */
  readonly name: string;
  readonly log: BusLog;
  readonly signal?: AbortSignal;
}

/** Of many who answer a question, the last has answered when no other did for so long. Milliseconds. */
const LAST_ANSWER_MS = 100;

/** How long JetStream may take to answer. Milliseconds. */
const API_MS = 5000;
/** Longest wait for a consumer to be dropped. Milliseconds. */
const DROP_MS = 500;
/** Longest wait for what is not flushed yet when a connection closes. Milliseconds. */
const CLOSE_MS = 1000;
/** A server that does not answer three pings has gone: the kernel may take minutes to say so. Milliseconds. */
const PING_MS = 2000;

/** Something that reads, as readiness sees it. */
export interface Reader {
  readonly name: string;
  /** Why it does not read; undefined while it does. */
  readonly trouble: string | undefined;
}

/**
 * The one connection of a process to its site's NATS. Reconnects for ever; readers and consumers learn of a
 * reconnect through {@link onReconnect} and restart themselves, because a restarted server has forgotten them.
 */
export class Bus {
  readonly publisher: Publisher;
  /** Which failures are those of a server that is away. */
  readonly outages = new Outages();
  /** Readers that do not get on, by name, with the reason; `/readyz` shows them. */
  readonly troubles = new Map<string, string>();
  /** Everything that reads a stream; one that has nothing asked of NATS for a while says so. */
  readonly readers = new Set<Reader>();
  /** What this process answers on core NATS, with counts. */
  readonly endpoints = new Endpoints();
  /** What may come thousands of times is told once, and then counted. */
  readonly repeats: FirstThenCount;
  private readonly marks: Marks;
  private readonly reconnectListeners = new Set<() => void>();
  private readonly cutListeners = new Set<() => void>();
  private readonly unanswered = new Set<() => void>();
  private lossCount = 0;
  private readonly refusals = new Set<string>();
  private loginRefused = false;
  private readonly presence = new Presence();

  private constructor(
    readonly connection: NatsConnection,
    readonly jetstream: JetStreamClient,
    readonly manager: JetStreamManager,
    private readonly options: BusOptions,
  ) {
    this.publisher = new Publisher(connection, inboxOf(options.name));
    this.repeats = new FirstThenCount(options.log);
    this.marks = new Marks(connection);
    this.outages.add(
      'nats-unavailable',
      (error) => this.presence.isTroubled && isOfNats(error),
      this.presence,
    );
    void this.watchStatus();
  }

  /**
   * Connects and checks that JetStream is there. Waits for a server that is away, refuses the key or has no JetStream,
   * saying so once for each reason. Throws `nats-unavailable` when `signal` ends the wait.
   */
  static async connect(options: BusOptions): Promise<Bus> {
    const { log, signal } = options;
    const url = maskUrl(options.url);
    const how = connectionOptions(options);
    const told = new Set<string>();
    for (;;) {
      try {
        const connection = await connect(how);
        const api = { timeout: API_MS, ...domainOf(options) };
        const manager = await connection.jetstreamManager(api).catch(async (cause: unknown) => {
          await connection.close();
          throw new CodedError('nats-unavailable', noJetStream(url, options, cause), [], { cause });
        });
        if (told.size > 0) log.info({ url }, 'NATS is there');
        return new Bus(connection, connection.jetstream(api), manager, options);
      } catch (cause) {
        if (signal?.aborted)
          throw new CodedError('nats-unavailable', `gave up waiting for NATS at ${url}`, [], { cause });
        const { why, reason, code } = await faultOf(cause, options);
        if (!told.has(reason)) log.warn({ url, reason, ...(code && { code }) }, why);
        told.add(reason);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  get log(): BusLog {
    return this.options.log;
  }

  /** Who this process is: a service, or `site` for all of them. */
  get name(): string {
    return this.options.name;
  }

  /** Whether the connection is up right now. */
  get isUp(): boolean {
    return this.presence.isUp && !this.connection.isClosed();
  }

  /** How often the connection was lost so far: tells whether it is still the one on which something was asked. */
  get losses(): number {
    return this.lossCount;
  }

  /** Bytes one message may carry: the server's `max_payload` less the reserve. */
  get maxBytes(): number {
    return (this.connection.info?.max_payload ?? 1024 * 1024) - PAYLOAD_RESERVE;
  }

  /** What requests to JetStream begin with; those of a domain are answered behind a leaf node. */
  get api(): string {
    const { jsDomain } = this.options;
    return jsDomain === undefined ? '$JS.API' : `$JS.${jsDomain}.API`;
  }

  /** Drops a consumer that nobody reads any more, when NATS is there to be told; else it goes by itself after a while. */
  async dropConsumer(stream: string, consumer: string): Promise<void> {
    if (!this.isUp) return;
    try {
      const brief = { timeout: DROP_MS, checkAPI: false, ...domainOf(this.options) };
      const manager = await this.connection.jetstreamManager(brief);
      await manager.consumers.delete(stream, consumer);
    } catch {
      // gone already, or NATS is
    }
  }

  /**
   * Resolves when the connection is up: what is asked before gets lost, and its asker waits for the whole timeout.
   * Throws `nats-unavailable` after `timeoutMs`.
   */
  async untilUp(timeoutMs: number): Promise<void> {
    if (this.isUp) return;
    await new Promise<void>((resolve, reject) => {
      const forget = this.onReconnect(() => {
        clearTimeout(timer);
        forget();
        resolve();
      });
      const timer = setTimeout(() => {
        forget();
        reject(new CodedError('nats-unavailable', 'NATS cannot be reached: send again later'));
      }, timeoutMs);
    });
  }

  /** Calls `listener` when the connection is cut ({@link cut}): nothing more can be stored. Returns a function that ends this. */
  onCut(listener: () => void): () => void {
    this.cutListeners.add(listener);
    return () => this.cutListeners.delete(listener);
  }

  /**
   * What was asked over a connection that is lost is never answered: fails with `nats-unavailable` as soon as that is
   * known, and not when the client's patience is over.
   */
  async whileConnected<T>(asked: Promise<T>): Promise<T> {
    let forget: () => void = () => undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      const fail = (): void =>
        reject(new CodedError('nats-unavailable', 'the connection to NATS was lost: ask again'));
      this.unanswered.add(fail);
      forget = () => void this.unanswered.delete(fail);
    });
    try {
      return await Promise.race([asked, lost]);
    } finally {
      forget();
    }
  }

  /** Calls `listener` after every reconnect; returns a function that ends this. */
  onReconnect(listener: () => void): () => void {
    this.reconnectListeners.add(listener);
    return () => this.reconnectListeners.delete(listener);
  }

  /**
   * Core request: JSON in, JSON out. `undefined` when nobody answers within `timeoutMs`.
   * A reply of the form `{error: {code, message}}` is thrown as that CodedError.
   */
  async ask<T>(subject: string, body: unknown, timeoutMs: number): Promise<T | undefined> {
    let reply;
    try {
      reply = await this.connection.request(subject, JSON.stringify(body ?? null), { timeout: timeoutMs });
    } catch {
      return undefined;
    }
    const answer = JSON.parse(reply.string()) as { error?: { code: 'internal'; message: string } } & T;
    if (answer !== null && typeof answer === 'object' && answer.error) {
      throw new CodedError(answer.error.code, answer.error.message);
    }
    return answer;
  }

  /**
   * As {@link ask}, of all who answer: those answers that came until none did for 300 ms, or `timeoutMs` was over. A refusal
   * counts as no answer.
   */
  async askAll<T>(subject: string, body: unknown, timeoutMs: number): Promise<T[]> {
    const answers: T[] = [];
    try {
      const replies = await this.connection.requestMany(subject, JSON.stringify(body ?? null), {
        strategy: RequestStrategy.JitterTimer,
        jitter: LAST_ANSWER_MS,
        maxWait: timeoutMs,
      });
      for await (const reply of replies) {
        const answer = JSON.parse(reply.string()) as { readonly error?: unknown } & T;
        if (answer.error === undefined) answers.push(answer);
      }
    } catch {
      // nobody listens, or NATS is away: what came until then counts
    }
    return answers;
  }

  /** Tells how far a service of this process is, to whoever waits for it ({@link Marks}). */
  tell(mark: Watermark): void {
    this.marks.tell(mark);
  }

  /**
   * Closes the connection at once, and fails all that still waits for an answer with `nats-unavailable`: for a stop that cannot
   * wait any longer for a server that hangs. Writers give up what is not stored.
   */
  async cut(): Promise<void> {
    this.presence.note(false);
    for (const listener of this.cutListeners) listener();
    this.failWhatWaits('the process stops and NATS does not answer');
    await this.connection.close();
  }

  /** Flushes and closes the connection; without one, ends the attempts to make it anew. */
  async close(): Promise<void> {
    this.publisher.close();
    this.repeats.close();
    if (this.connection.isClosed()) return;
    if (this.presence.isUp) await within(CLOSE_MS, this.connection.drain());
    if (!this.connection.isClosed()) await this.connection.close();
  }

  /** One line per subject: what is refused once is refused until somebody changes the rights. */
  private refused({ operation, subject }: { operation: string; subject: string }): void {
    if (operation === 'publish')
      this.publisher.failSubject(subject, 'the NATS user has no right to publish there');
    if (this.refusals.has(subject) || this.refusals.size >= BOUNDS.toldKinds) return;
    this.refusals.add(subject);
    this.log.error({ operation, subject }, 'the NATS user of this process has no right to do this');
  }

  private failWhatWaits(reason: string): void {
    this.publisher.failPending(reason);
    for (const fail of [...this.unanswered]) fail();
  }

  private async watchStatus(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === Events.Disconnect) {
        this.lossCount += 1;
        if (this.presence.note(false)) this.log.warn({}, 'lost the connection to NATS, reconnecting');
        this.failWhatWaits('the connection to NATS was lost');
      } else if (status.type === Events.Reconnect) {
        this.presence.note(true);
        this.loginRefused = false;
        // what was sent while there was no connection went nowhere
        this.failWhatWaits('the connection to NATS was made anew');
        this.log.info({}, 'connected to NATS again');
        for (const listener of this.reconnectListeners) listener();
      } else if (status.type === Events.Error && status.permissionContext) {
        this.refused(status.permissionContext);
      } else if (status.type === Events.Error && status.data === ErrorCode.AuthorizationViolation) {
        if (!this.loginRefused) this.log.error({}, refusedLogin(this.options));
        this.loginRefused = true;
      } else if (status.type === (DebugEvents.StaleConnection as string)) {
        this.log.warn({}, 'the connection to NATS went stale');
      }
    }
  }
}

function domainOf({ jsDomain }: BusOptions): { readonly domain?: string } {
  return jsDomain === undefined ? {} : { domain: jsDomain };
}

function connectionOptions({ url, name, login, tls }: BusOptions): ConnectionOptions {
  return {
    servers: url.split(','),
    name,
    inboxPrefix: inboxOf(name),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 100,
    pingInterval: PING_MS,
    timeout: 5000,
    // a key may be put right while the process runs
    ignoreAuthErrorAbort: true,
    ...(login && { authenticator: authenticatorOf(login) }),
    ...(tls && { tls: tlsOptions(url, tls) }),
  };
}

/** Replies to one user must not be readable by another, so each has inboxes of its own. */
function inboxOf(name: string): string {
  return `_INBOX_${name.replace(/[^A-Za-z0-9-]/g, '-')}`;
}

/**
 * Whether an answer may go there. The asker names the subject, and a service may publish on some that the asker may not.
 * `_R_` stands for the inbox of an asker in another account.
 */
export function isInbox(subject: string | undefined): boolean {
  return subject !== undefined && /^(_INBOX|_R_)/.test(subject);
}

/**
 * Whether NATS, JetStream that is still starting or a stream without a leader is what failed, so that the same may work
 * later; a refusal is not.
 */
export function isOfNats(error: unknown): boolean {
  if (error instanceof NatsError) return (error.api_error?.code ?? 503) >= 500;
  return error instanceof CodedError && error.code === 'nats-unavailable';
}
