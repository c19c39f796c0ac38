import { type Consumer, ConsumerEvents, type ConsumerMessages, type JsMsg } from 'nats';
import type { Bus } from './bus.js';
import { within } from './within.js';

/** Bounds of every pull subscription. Milliseconds and messages. */
export const PULL = {
  expiresMs: 10_000,
  heartbeatMs: 1000,
  buffered: 1000,
  firstRetryMs: 50,
  lastRetryMs: 5000,
} as const;

/** How long a stop waits for a consumer that is being opened. Milliseconds. */
const OPEN_MS = 1000;

/**
 * Keeps one pull subscription alive: opens a consumer, hands every message to `onMessage`, and opens it again
 * when heartbeats stop, the consumer vanishes, the iterator ends or NATS was reconnected. One log line per state change.
 */
export class SupervisedReader {
  private messages: ConsumerMessages | undefined;
  private stopped = false;
  private failing = false;
  private opening = true;
  private readonly forgetReconnect: () => void;
  private wake: () => void = () => undefined;
  readonly done: Promise<void>;

  constructor(
    private readonly bus: Bus,
    private readonly options: {
      readonly name: string;
      /** Opens the consumer; called again for every restart. */
      readonly open: () => Promise<Consumer>;
      /** Must apply back-pressure by resolving late. `false` asks for a restart. */
      readonly onMessage: (message: JsMsg) => Promise<boolean | void> | boolean | void;
      readonly maxMessages?: number;
    },
  ) {
    this.forgetReconnect = bus.onReconnect(() => this.restart());
    this.done = this.run();
  }

  /** Ends the current subscription; the loop opens a new one. */
  restart(): void {
    void this.messages?.close();
    this.wake();
  }

  /**
   * Stops reading; resolves when no message is in work any more. Messages not handed out are left to the server, and so
   * is a consumer that a server which hangs has not opened yet.
   */
  async stop(): Promise<void> {
    this.stopped = true;
    this.forgetReconnect();
    this.restart();
    if (this.opening) await within(OPEN_MS, this.done);
    else await this.done;
    if (this.failing) this.bus.troubles.delete(this.options.name);
  }

  private async run(): Promise<void> {
    let retryMs: number = PULL.firstRetryMs;
    while (!this.stopped) {
      try {
        this.opening = true;
        const consumer = await this.options.open();
        const messages = await consumer.consume({
          max_messages: this.options.maxMessages ?? PULL.buffered,
          expires: PULL.expiresMs,
          idle_heartbeat: PULL.heartbeatMs,
        });
        this.opening = false;
        this.messages = messages;
        if (this.stopped) {
          void messages.close();
          break;
        }
        void this.watch(messages);
        this.recovered();
        for await (const message of messages) {
          retryMs = PULL.firstRetryMs;
          if ((await this.options.onMessage(message)) === false || this.stopped) break;
        }
        void messages.close();
      } catch (error) {
        this.opening = false;
        await this.pause(retryMs);
        this.note(error);
        retryMs = Math.min(retryMs * 2, PULL.lastRetryMs);
      }
    }
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

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
