import type { ServerResponse } from 'node:http';
import { STREAM_LIMITS } from './stream-limits.js';

/** The server's side of one `text/event-stream` answer (HTML standard, section 9.2). */
export class EventConnection {
  /** Resolves when the client is gone or was given up. */
  readonly closed: Promise<void>;
  /** What a comment that keeps the connection alive brings along. */
  beside: () => string = () => '';
  private readonly pings: NodeJS.Timeout;
  private draining: Promise<boolean> | undefined;

  constructor(private readonly response: ServerResponse) {
    this.pings = setInterval(() => {
      if (this.hasRoom) this.push(`: ping\n\n${this.beside()}`);
    }, STREAM_LIMITS.pingMs);
    this.closed = new Promise((resolve) => {
      response.once('close', resolve);
      response.on('error', () => response.destroy()); // the client left while something was written
      if (response.destroyed) resolve();
    });
    void this.closed.then(() => clearInterval(this.pings));
  }

  get isOpen(): boolean {
    return !this.response.destroyed && !this.response.writableEnded;
  }

  /** Whether the client takes what it is sent: no more than is allowed waits for it. */
  get hasRoom(): boolean {
    return this.response.writableLength <= STREAM_LIMITS.bufferBytes;
  }

  /** Sends the headers. The connection ends with the answer, so that nothing of it outlives a shutdown. */
  open(): Promise<boolean> {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    return this.send(`retry: ${STREAM_LIMITS.retryMs}\n\n`);
  }

  /** Sends whole blocks; resolves as {@link room}. */
  send(text: string): Promise<boolean> {
    this.push(text);
    return this.room();
  }

  /** As {@link send}, for who looks at {@link hasRoom} before the next one. */
  push(text: string): void {
    if (this.isOpen && text.length > 0) this.response.write(text);
  }

  /** Resolves when more may be sent; `false` when the client is gone, or was given up because it reads too slowly. */
  async room(): Promise<boolean> {
    if (!this.isOpen) return false;
    if (this.hasRoom) return true;
    this.draining ??= this.drains().finally(() => (this.draining = undefined));
    if (!(await this.draining)) this.response.destroy();
    return this.isOpen;
  }

  /** Ends the answer; what a client does not take soon is thrown away. */
  async close(): Promise<void> {
    const giveUp = setTimeout(() => this.response.destroy(), STREAM_LIMITS.closeMs);
    this.response.end();
    await this.closed;
    clearTimeout(giveUp);
  }

  private drains(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), STREAM_LIMITS.slowMs);
      const settle = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      this.response.once('drain', settle);
      void this.closed.then(settle);
    });
  }
}
