import type { JsMsg } from 'nats';

/**
 * The messages of a durable that are in work: one timer keeps all of them with progress beats, and whoever brings more
 * than `limit` waits until one is done.
 */
export class MessagesInWork {
  private readonly messages = new Set<JsMsg>();
  private readonly timer: NodeJS.Timeout;
  private readonly waiting = new Set<{ readonly size: number; readonly resolve: () => void }>();
  private ending = false;

  /** `beatMs`: milliseconds between two beats, well below the ack wait of the durable. */
  constructor(
    private readonly limit: number,
    beatMs: number,
  ) {
    this.timer = setInterval(() => this.beat(), beatMs);
  }

  add(message: JsMsg): void {
    this.messages.add(message);
  }

  /** The message is settled. */
  done(message: JsMsg): void {
    this.messages.delete(message);
    if (this.waiting.size > 0) this.wake();
    this.endIdle();
  }

  /** Whether there is no room for another one; then {@link room} tells when there is. */
  get isFull(): boolean {
    return this.messages.size >= this.limit;
  }

  /** Resolves when another message may be taken. */
  room(): Promise<void> {
    return this.atMost(this.limit - 1);
  }

  /** Resolves when nothing is in work. Beats end with the last message from then on. */
  end(): Promise<void> {
    this.ending = true;
    this.endIdle();
    return this.atMost(0);
  }

  private beat(): void {
    for (const message of this.messages) message.working();
  }

  private atMost(size: number): Promise<void> {
    if (this.messages.size <= size) return Promise.resolve();
    return new Promise((resolve) => this.waiting.add({ size, resolve }));
  }

  private wake(): void {
    for (const one of this.waiting) {
      if (this.messages.size > one.size) continue;
      this.waiting.delete(one);
      one.resolve();
    }
  }

  private endIdle(): void {
    if (this.ending && this.messages.size === 0) clearInterval(this.timer);
  }
}
