const LINE_FEED = 0x0a;

/** Cuts a stream of bytes into lines. */
export class LineBuffer {
  private parts: Buffer[] = [];
  private bytes = 0;

  /** `limit`: bytes that one line may have, its line feed included. */
  constructor(private readonly limit: number) {}

  /** Whether the line that has begun is beyond the limit: nothing more is kept of it, no line follows. */
  get isTooLong(): boolean {
    return this.bytes > this.limit;
  }

  /** Whether a line has begun. */
  get hasBegun(): boolean {
    return this.bytes > 0;
  }

  /** The lines that are whole now, each with its line feed. */
  *take(chunk: Buffer): Iterable<Buffer> {
    let start = 0;
    while (start < chunk.length && !this.isTooLong) {
      const end = chunk.indexOf(LINE_FEED, start) + 1;
      const part = chunk.subarray(start, end === 0 ? undefined : end);
      this.parts.push(part);
      this.bytes += part.length;
      start += part.length;
      if (end > 0 && !this.isTooLong) yield this.cut();
    }
  }

  /** What the line that has begun holds, at most the limit. */
  rest(): Buffer {
    return Buffer.concat(this.parts).subarray(0, this.limit);
  }

  private cut(): Buffer {
    const [only] = this.parts;
    const line = this.parts.length === 1 && only ? only : Buffer.concat(this.parts);
    this.parts = [];
    this.bytes = 0;
    return line;
  }
}
