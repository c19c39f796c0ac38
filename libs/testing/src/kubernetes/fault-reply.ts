import type { ServerResponse } from 'node:http';

/** How an answer is spoilt. Without any of these it is only counted. */
export interface AnswerFault {
  /** Waits so long before it answers. Milliseconds. */
  readonly delayMs?: number;
  /** Never answers. */
  readonly hang?: true;
  /** Answers this status in place of the answer, as a `Status` of the API. */
  readonly status?: number;
  readonly message?: string;
  /** With a status: when to come again. Seconds. */
  readonly retryAfter?: number;
  /** Answers 200 with this in place of the answer. */
  readonly garbage?: string;
  /** The connection is cut behind so many bytes of the body. */
  readonly cutAfterBytes?: number;
  /** The body comes in pieces of so many bytes. */
  readonly chunkBytes?: number;
  /** Of a watch: it begins, and nothing ever comes. */
  readonly silent?: true;
}

/** An answer that a fault may spoil on its way. */
export class FaultReply {
  private left: number;
  private sending: Promise<void> = Promise.resolve();

  constructor(
    private readonly response: ServerResponse,
    private readonly fault: AnswerFault,
  ) {
    this.left = fault.cutAfterBytes ?? Infinity;
  }

  head(status: number, headers: Readonly<Record<string, string>> = {}): void {
    this.response.writeHead(status, { 'content-type': 'application/json', ...headers });
    this.response.flushHeaders();
  }

  write(text: string): void {
    if (this.fault.silent) return;
    const bytes = Buffer.from(text).subarray(0, this.left);
    const isCut = this.left <= Buffer.byteLength(text);
    this.left -= bytes.byteLength;
    const step = this.fault.chunkBytes ?? bytes.byteLength;
    for (let at = 0; at < bytes.byteLength; at += step) this.send(bytes.subarray(at, at + step));
    if (isCut) this.then(() => this.response.destroy());
  }

  end(): void {
    if (!this.fault.silent) this.then(() => this.response.end());
  }

  private send(bytes: Buffer): void {
    const isInPieces = this.fault.chunkBytes !== undefined || this.fault.cutAfterBytes !== undefined;
    if (!isInPieces) this.then(() => this.response.write(bytes));
    // What is flushed by itself arrives by itself, most of the time.
    else this.then(() => new Promise<void>((resolve) => void this.response.write(bytes, () => resolve())));
  }

  private then(step: () => unknown): void {
    this.sending = this.sending.then(() => {
      if (!this.response.destroyed) return step() as Promise<void>;
      return undefined;
    });
  }
}
