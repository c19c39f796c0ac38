import { SUBJECTS, type Watermark } from '@signalbox/contracts';
import type { NatsConnection } from 'nats';
import { unlessClosing } from './unless-closing.js';

/** How long marks are told after somebody wanted to know them. Milliseconds. */
export const WANTED_MS = 10_000;

/**
 * Tells how far this process is (core NATS, no ack) while somebody wants to know: a mark that nobody waits for costs nothing.
 * Whoever waits says so on `watermark.wanted` and again in time; then the newest marks are told at once, and new ones as
 * they come.
 */
export class Marks {
  private readonly newest = new Map<string, Watermark>();
  private wantedUntilMs = 0;

  constructor(private readonly connection: NatsConnection) {}

  /** This service has handled a message. */
  tell(mark: Watermark): void {
    if (this.newest.size === 0) this.listen();
    this.newest.set(`${mark.service} ${mark.stream}`, mark);
    if (performance.now() < this.wantedUntilMs) this.publish(mark);
  }

  /** From the first mark on. Who asked before was not heard, so that one and the next are told in any case. */
  private listen(): void {
    this.wantedUntilMs = performance.now() + WANTED_MS;
    unlessClosing(() =>
      this.connection.subscribe(SUBJECTS.watermarkWanted, {
        callback: (error) => {
          if (!error) this.wanted();
        },
      }),
    );
  }

  private wanted(): void {
    this.wantedUntilMs = performance.now() + WANTED_MS;
    for (const mark of this.newest.values()) this.publish(mark);
  }

  private publish(mark: Watermark): void {
    unlessClosing(() => this.connection.publish(SUBJECTS.watermark(mark.service), JSON.stringify(mark)));
  }
}
