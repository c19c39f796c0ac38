/** Bytes of an answer, field by field, as the fake writes them by hand: it uses nothing of the client, so that both do not share a mistake. */
export class FakeBytes {
  private buffer = Buffer.allocUnsafe(128);
  private length = 0;

  u8(value: number): this {
    this.room(1);
    this.buffer[this.length] = value & 0xff;
    this.length += 1;
    return this;
  }

  u16(value: number): this {
    return this.u8(value >> 8).u8(value);
  }

  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  text(value: string, length: number): this {
    return this.raw(Buffer.from(value.padEnd(length, '\0'), 'latin1'));
  }

  raw(bytes: Uint8Array): this {
    this.room(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** With the header of a frame: 8 bytes that nobody reads, the length, 4 that nobody reads; all of them not 0, where VPP has its own. */
  framed(): Buffer {
    const frame = Buffer.allocUnsafe(16 + this.length);
    frame.fill(0x5a, 0, 8);
    for (let byte = 0; byte < 4; byte += 1) frame[8 + byte] = (this.length >>> (24 - byte * 8)) & 0xff;
    frame.fill(0xa5, 12, 16);
    frame.set(this.bytes(), 16);
    return frame;
  }

  private room(bytes: number): void {
    while (this.buffer.length < this.length + bytes)
      this.buffer = Buffer.concat([this.buffer, Buffer.alloc(this.buffer.length)]);
  }
}

/** Bytes of a request, field by field. */
export class FakeReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  u8(): number {
    return this.raw(1)[0] ?? 0;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x10000 + this.u16();
  }

  /** VPP itself would read on in memory that is not of the message; here a request that is too short is a mistake of the client. */
  raw(length: number): Buffer {
    const taken = this.bytes.subarray(this.at, this.at + length);
    if (taken.length < length)
      throw new Error(`a request ends early: ${length} bytes are due and ${taken.length} are left`);
    this.at += length;
    return taken;
  }

  /** Nothing may be left. */
  end(): void {
    if (this.at < this.bytes.length)
      throw new Error(`a request goes on for ${this.bytes.length - this.at} bytes`);
  }
}
