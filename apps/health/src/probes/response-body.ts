import { BrokenResponse } from './broken-response.js';
import { PROBE_LIMITS } from './limits.js';
import type { ResponseHead } from './response-head.js';

/** Takes a body as it arrives, at most {@link PROBE_LIMITS}.bodyBytes of it. */
export interface ResponseBody {
  /** True when there is all that is wanted. */
  take(bytes: Buffer): boolean;
  /** Whether the body is whole when the connection ends now. */
  readonly endsHere: boolean;
  text(): string;
}

/** More than any body: what is longer than this many digits overflows 63 bits at those who read it as a number. */
const LENGTH = /^0*(\d{1,18})$/;

/**
 * How the body that follows this head is framed. RFC 9112, section 6.3. Throws where two readers may see two bodies,
 * whether the body is wanted or not: that is how responses are smuggled, and HAProxy and Go's client take none such.
 */
export function bodyAfter({ status, headers }: ResponseHead): ResponseBody {
  if (status === 101 || status === 204 || status === 304) return new SizedBody(0);
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  if (coding !== undefined) {
    if (coding !== 'chunked') throw new BrokenResponse(`the transfer coding "${coding}" is not chunked`);
    return new ChunkedBody();
  }
  const length = headers.get('content-length');
  if (length === undefined) return new SizedBody();
  // The same length said twice is one length.
  const [bytes = '', ...others] = new Set(length.split(/\s*,\s*/));
  if (others.length > 0) throw new BrokenResponse(`there is more than one content length: ${length}`);
  const digits = LENGTH.exec(bytes)?.[1];
  if (digits === undefined) throw new BrokenResponse('the content length is broken');
  return new SizedBody(Number(digits));
}

/** The bytes that are kept. */
class Kept {
  private readonly parts: Buffer[] = [];
  private room = PROBE_LIMITS.bodyBytes as number;

  get isFull(): boolean {
    return this.room === 0;
  }

  add(bytes: Buffer): void {
    const part = bytes.subarray(0, this.room);
    this.room -= part.length;
    this.parts.push(part);
  }

  text(): string {
    return Buffer.concat(this.parts).toString('utf8');
  }
}

/** A body of known length or, without one, up to the end of the connection. */
class SizedBody implements ResponseBody {
  private readonly kept = new Kept();

  constructor(private left = Infinity) {}

  get endsHere(): boolean {
    return this.left === 0 || this.left === Infinity;
  }

  take(bytes: Buffer): boolean {
    const part = bytes.subarray(0, Math.min(this.left, bytes.length));
    this.left -= part.length;
    this.kept.add(part);
    return this.left === 0 || this.kept.isFull;
  }

  text(): string {
    return this.kept.text();
  }
}

const LF = 0x0a;
const CHUNK_SIZE = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i;

/** A chunked body, RFC 9112 section 7.1. What follows the last chunk (trailers) is not read. */
class ChunkedBody implements ResponseBody {
  private readonly kept = new Kept();
  /** The beginning of a line that is not whole yet. */
  private line: Buffer = Buffer.alloc(0);
  /** Bytes of the open chunk that are still to come. */
  private left = 0;
  /** A chunk has been read, the end of its line has not. */
  private isAfterChunk = false;
  readonly endsHere = false;

  take(bytes: Buffer): boolean {
    let rest = bytes;
    for (;;) {
      rest = this.takeChunk(rest);
      if (this.kept.isFull) return true;
      if (rest.length === 0) return false;
      const end = rest.indexOf(LF);
      this.line = Buffer.concat([this.line, end === -1 ? rest : rest.subarray(0, end)]);
      if (this.line.length > PROBE_LIMITS.chunkLineBytes) throw new BrokenResponse('a chunk is broken');
      if (end === -1) return false;
      if (this.takeLine()) return true;
      rest = rest.subarray(end + 1);
    }
  }

  text(): string {
    return this.kept.text();
  }

  private takeChunk(bytes: Buffer): Buffer {
    if (this.left === 0) return bytes;
    const part = bytes.subarray(0, this.left);
    this.left -= part.length;
    this.kept.add(part);
    return bytes.subarray(part.length);
  }

  /** True after the line of the last chunk. */
  private takeLine(): boolean {
    const text = this.line.toString('latin1').replace(/\r$/, '');
    this.line = Buffer.alloc(0);
    if (this.isAfterChunk) {
      if (text !== '') throw new BrokenResponse('a chunk is broken');
      this.isAfterChunk = false;
      return false;
    }
    const size = CHUNK_SIZE.exec(text)?.[1];
    if (size === undefined) throw new BrokenResponse('a chunk is broken');
    this.left = Number.parseInt(size, 16);
    this.isAfterChunk = true;
    return this.left === 0;
  }
}
