import { ApiFailure } from './api-failure.js';

const LINE_FEED = 0x0a;

/**
 * The values of a stream that has one JSON value on each line, from pieces that may end anywhere, in the middle of a letter too.
 * Throws an {@link ApiFailure} `broken` for a line that is no JSON in UTF-8 or is longer than `maxBytes`; what stood before it has
 * been given then.
 */
export class JsonLines {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });
  private begun: Buffer[] = [];
  private begunBytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Calls `take` with each value that is complete by this piece. */
  push(piece: Buffer, take: (value: unknown) => void): void {
    let from = 0;
    for (;;) {
      const end = piece.indexOf(LINE_FEED, from);
      const part = piece.subarray(from, end === -1 ? piece.byteLength : end);
      this.begunBytes += part.byteLength;
      if (this.begunBytes > this.maxBytes)
        throw new ApiFailure('broken', `an event is longer than ${this.maxBytes} bytes`);
      if (part.byteLength > 0) this.begun.push(part);
      if (end === -1) return;
      const line = this.begun.length === 1 ? this.begun[0]! : Buffer.concat(this.begun);
      this.begun = [];
      this.begunBytes = 0;
      from = end + 1;
      if (line.byteLength > 0) take(this.read(line));
    }
  }

  private read(line: Buffer): unknown {
    try {
      return JSON.parse(this.decoder.decode(line)) as unknown;
    } catch (cause) {
      throw new ApiFailure('broken', 'an event is no JSON in UTF-8', { cause });
    }
  }
}
