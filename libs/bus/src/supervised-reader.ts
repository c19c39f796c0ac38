import { CodedError } from '@signalbox/contracts';
import { type Consumer, ConsumerEvents, type ConsumerMessages, type JsMsg } from 'nats';
import type { Bus } from './bus.js';
import { Pauses } from './pauses.js';
import { within } from './within.js';

/**
 * Bounds of every pull subscription. Milliseconds and messages. A site has dozens, so what each does while nothing comes is
 * most of what a site at rest costs; a lost connection is noticed by its own pings, a deleted consumer is told.
 */
export const PULL = {
  expiresMs: 30_000,
  heartbeatMs: 5000,
  /** A reader that has nothing asked of the server for this long is not ready. */
  silenceMs: 2000,
  buffered: 1000,
  firstRetryMs: 50,
  lastRetryMs: 5000,
} as const;

/** How long a stop waits for a consumer that is being opened. Milliseconds. */
const OPEN_MS = 1000;

/**
 * Keeps one pull subscription alive: opens a consumer, hands every message to `onMessage`, and opens it again
 * when heartbeats stop, the consumer vanishes, the iterator ends or NATS was reconnected. One log line per state change.
 *
 * What was asked over a connection that is gone is never answered, and the client would wait for the whole timeout, once
 * for every question: so an opening that was under way is given up when NATS is there again, and begun anew at once.
 */
export class SupervisedReader {
  private messages: ConsumerMessages | undefined;
  private stopped = false;
  private failing = false;
  private opening = true;
  /** Since when nothing is asked of the server; undefined while a pull is there, whose heartbeats are watched. */
  private silentSince: number | undefined = performance.now();
  /** The connection is another one than that on which the present attempt began. */
  private outdated = false;
  private giveUp: () => void = () => undefined;
  private retryMs: number = PULL.firstRetryMs;
  private readonly forgetReconnect: () => void;
  private readonly pauses = new Pauses();
  /** Openings without an answer yet, also those that were given up: what they asked may still reach the server. */
  private readonly openings = new Set<Promise<unknown>>();
  private readonly done: Promise<void>;

  constructor(
    private readonly bus: Bus,
    private readonly options: {
      readonly name: string;
      /** Opens the consumer; called again for every restart, also while an earlier call has no answer. */
      readonly open: () => Promise<Consumer>;
      /** Must apply back-pressure by resolving late. `false` asks for a restart. */
      readonly onMessage: (message: JsMsg) => Promise<boolean | void> | boolean | void;
      readonly maxMessages?: number;
    },
  ) {
    this.forgetReconnect = bus.onReconnect(() => this.restart());
    bus.readers.add(this);
    this.done = this.run();
  }

  /** Ends the current subscription; the loop opens a new one at once. */
  restart(): void {
    this.outdated = true;
    this.retryMs = PULL.firstRetryMs;
    this.giveUp();
    this.endReading();
  }

  /** Resolves when nothing of this reader can reach the server any more, also what it was just opening. */
  get ended(): Promise<void> {
    return this.done.then(async () => void (await Promise.allSettled(this.openings)));
  }

  get name(): string {
    return this.options.name;
  }

  /** Why it does not read, when that has lasted longer than two heartbeats. */
  get trouble(): string | undefined {
    if (this.silentSince === undefined) return undefined;
    const silentMs = performance.now() - this.silentSince;
    return silentMs > PULL.silenceMs
      ? `has nothing asked of NATS for ${Math.floor(silentMs / 1000)} s`
      : undefined;
  }

  /**
   * Stops reading; resolves when no message is in work any more. Messages not handed out are left to the server, and so
   * is a consumer that a server which hangs has not opened yet.
   */
  async stop(): Promise<void> {
    this.stopped = true;
    this.forgetReconnect();
    this.bus.readers.delete(this);
    this.pauses.end();
    this.endReading();
    if (this.opening) await within(OPEN_MS, this.done);
    else await this.done;
    if (this.failing) this.bus.troubles.delete(this.options.name);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.readOnce();
      } catch (error) {
        this.opening = false;
        this.fellSilent();
        if (this.outdated) continue;
        await this.pauses.for(this.retryMs);
        if (this.outdated) continue;
        this.note(error);
        this.retryMs = Math.min(this.retryMs * 2, PULL.lastRetryMs);
      }
    }
  }

  /** One subscription, from its opening to its end. */
  private async readOnce(): Promise<void> {
    this.outdated = false;
    this.opening = true;
    const consumer = await this.unlessOutdated(this.options.open());
    const buffered = this.options.maxMessages ?? PULL.buffered;
    const messages = await consumer.consume({
      max_messages: buffered,
      // the client fills up at three quarters, which for a buffer of two means that it asks for none
      threshold_messages: Math.floor(buffered / 2),
      expires: PULL.expiresMs,
      idle_heartbeat: PULL.heartbeatMs,
    });
    this.opening = false;
    this.messages = messages;
    if (this.stopped || this.outdated) {
      void messages.close();
      return;
    }
    void this.watch(messages);
    this.silentSince = undefined;
    this.recovered();
    for await (const message of messages) {
      this.retryMs = PULL.firstRetryMs;
      if ((await this.options.onMessage(message)) === false || this.stopped) break;
    }
    this.fellSilent();
    void messages.close();
  }

  private endReading(): void {
    void this.messages?.close();
    this.pauses.cut();
  }

  private fellSilent(): void {
    this.silentSince ??= performance.now();
  }

  /** Resolves as `opening` does, unless NATS is reconnected first; whatever comes of `opening` then is dropped. */
  private async unlessOutdated(opening: Promise<Consumer>): Promise<Consumer> {
    const outdated = new Promise<never>((_resolve, reject) => {
      this.giveUp = () => reject(new CodedError('nats-unavailable', 'the connection was lost meanwhile'));
    });
    this.openings.add(opening);
    const forget = (): void => void this.openings.delete(opening);
    opening.then(forget, forget);
    return Promise.race([opening, outdated]);
  }

  /** One line per change; an outage has its own. */
  private note(error: unknown): void {
    if (this.failing || this.stopped || this.bus.outages.explain(error)) return;
    this.failing = true;
    const fields = { consumer: this.options.name, reason: String(error) };
    this.bus.troubles.set(this.options.name, fields.reason);
    this.bus.log.warn(fields, 'reading stopped, trying again');
  }

  private recovered(): void {
    if (!this.failing) return;
    this.failing = false;
    this.bus.troubles.delete(this.options.name);
    this.bus.log.info({ consumer: this.options.name }, 'reading again');
  }

  private async watch(messages: ConsumerMessages): Promise<void> {
    for await (const status of await messages.status()) {
      const lost =
        (status.type === ConsumerEvents.HeartbeatsMissed && Number(status.data) >= 2) ||
        status.type === ConsumerEvents.ConsumerDeleted ||
        status.type === ConsumerEvents.ConsumerNotFound ||
        status.type === ConsumerEvents.StreamNotFound;
      if (lost) void messages.close();
    }
  }
}
