import type { Bus } from '@signalbox/bus';
import { CodedError, decodeWatermark, type Watermark } from '@signalbox/contracts';

/** Listens to `watermark.>` and lets callers wait until a service has handled a message. */
export class Watermarks {
  private readonly latest = new Map<string, Watermark>();
  private readonly waiting = new Set<{ key: string; seq: number; resolve: (mark: Watermark) => void }>();

  constructor(bus: Bus) {
    bus.connection.subscribe('watermark.>', {
      callback: (error, message) => {
        const mark = error ? undefined : readMark(message.data);
        if (mark) this.note(mark);
      },
    });
  }

  /** Resolves with the mark that reached `seq`, or undefined after `timeoutMs`. */
  waitFor(service: string, stream: string, seq: number, timeoutMs: number): Promise<Watermark | undefined> {
    const key = `${service} ${stream}`;
    const known = this.latest.get(key);
    if (known && known.seq >= seq) return Promise.resolve(known);
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
