import type { ServerResponse } from 'node:http';
import { STREAM_LIMITS } from './stream-limits.js';

/** The server's side of one `text/event-stream` answer (HTML standard, section 9.2). */
export class EventConnection {
  /** Resolves when the client is gone or was given up. */
  readonly closed: Promise<void>;
  private readonly pings: NodeJS.Timeout;

  constructor(private readonly response: ServerResponse) {
    this.pings = setInterval(() => void this.write(': ping\n\n'), STREAM_LIMITS.pingMs);
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

  /** Sends the headers. The connection ends with the answer, so that nothing of it outlives a shutdown. */
  async open(): Promise<void> {
    this.response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      connection: 'close',
    });
    await this.write(`retry: ${STREAM_LIMITS.retryMs}\n\n`);
  }

  /**
   * Sends one event; with an id alone, a client only learns where it is. Resolves late when the client reads slowly,
   * and gives it up when that lasts too long: it resumes by the last id.
   */
  send({ id, event, data }: { id?: string; event?: string; data?: object }): Promise<void> {
    const lines = [
      ...(id === undefined ? [] : [`id: ${id}`]),
      ...(event === undefined ? [] : [`event: ${event}`]),
      ...(data === undefined ? [] : [`data: ${JSON.stringify(data)}`]),
    ];
    return this.write(`${lines.join('\n')}\n\n`);
  }

  /** Ends the answer; what a client does not take soon is thrown away. */
  async close(): Promise<void> {
    const giveUp = setTimeout(() => this.response.destroy(), STREAM_LIMITS.closeMs);
    this.response.end();
    await this.closed;
    clearTimeout(giveUp);
  }

  /** Writes in the same step in which it is called, so that events keep the order in which they were sent. */
  private async write(text: string): Promise<void> {
    if (!this.isOpen) return;
    this.response.write(text);
    if (this.response.writableLength > STREAM_LIMITS.bufferBytes && !(await this.drains()))
      this.response.destroy();
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
