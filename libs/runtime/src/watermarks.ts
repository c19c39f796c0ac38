import { type Bus, unlessClosing, WANTED_MS } from '@signalbox/bus';
import { CodedError, decodeWatermark, SUBJECTS, type Watermark } from '@signalbox/contracts';
import type { Subscription } from 'nats';

interface Waiting {
  readonly key: string;
  readonly seq: number;
  readonly resolve: (mark: Watermark) => void;
}

/** Lets callers wait until a service has handled a message. Listens to `watermark.>` only while somebody waits. */
export class Watermarks {
  private readonly latest = new Map<string, Watermark>();
  private readonly waiting = new Set<Waiting>();
  private subscription: Subscription | undefined;
  private renewal: NodeJS.Timeout | undefined;
  /** Whether anybody has waited since the marks were last asked for. */
  private isWanted = false;

  constructor(private readonly bus: Bus) {
    bus.onReconnect(() => {
      if (this.subscription) this.ask();
    });
  }

  /** Resolves with the mark that reached `seq`, or undefined after `timeoutMs`. */
  waitFor(service: string, stream: string, seq: number, timeoutMs: number): Promise<Watermark | undefined> {
    const key = `${service} ${stream}`;
    const known = this.latest.get(key);
    if (known && known.seq >= seq) return Promise.resolve(known);
    this.isWanted = true;
    this.listen();
    return new Promise((resolve) => {
      const entry = {
        key,
        seq,
        resolve: (mark: Watermark) => {
          clearTimeout(timer);
          this.waiting.delete(entry);
          resolve(mark);
        },
      };
      const timer = setTimeout(() => {
        this.waiting.delete(entry);
        resolve(undefined);
      }, timeoutMs);
      this.waiting.add(entry);
    });
  }

  /** The newest marks come at once; the next ones as long as this is asked for again. */
  private listen(): void {
    if (this.subscription) return;
    unlessClosing(() => {
      this.subscription = this.bus.connection.subscribe('watermark.>', {
        callback: (error, message) => {
          const mark = error ? undefined : readMark(message.data);
          if (mark) this.note(mark);
        },
      });
    });
    this.ask();
    this.renewal = setInterval(() => this.renew(), WANTED_MS / 2);
    this.renewal.unref();
  }

  private renew(): void {
    if (this.isWanted || this.waiting.size > 0) return this.ask();
    clearInterval(this.renewal);
    if (!this.bus.connection.isClosed()) this.subscription?.unsubscribe();
    this.subscription = undefined;
  }

  private ask(): void {
    this.isWanted = false;
    unlessClosing(() => this.bus.connection.publish(SUBJECTS.watermarkWanted));
  }

  private note(mark: Watermark): void {
    const key = `${mark.service} ${mark.stream}`;
    this.latest.set(key, mark);
    for (const entry of this.waiting) if (entry.key === key && mark.seq >= entry.seq) entry.resolve(mark);
  }
}

/** Anyone may publish on the subject, and a callback that throws would end the connection's reader. */
function readMark(data: Uint8Array): Watermark | undefined {
  try {
    return decodeWatermark(data);
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}
