import { createHash } from 'node:crypto';
import { NO_REDACTION, type Redaction } from '../domain/redaction.js';
import { PROCESS_LIMITS } from './limits.js';

/** The stdout of one process: everything up to the limit, and its digest. */
export class CapturedStdout {
  private readonly chunks: Buffer[] = [];
  private readonly hash = createHash('sha256');
  bytes = 0;

  /** Takes the next bytes; false when they go beyond the limit, what is beyond is dropped. */
  take(chunk: Buffer): boolean {
    const kept = chunk.subarray(0, PROCESS_LIMITS.stdoutBytes - this.bytes);
    this.bytes += kept.length;
    this.chunks.push(kept);
    this.hash.update(kept);
    return kept.length === chunk.length;
  }

  /** Call once, at the end. */
  read(): { readonly stdout: Buffer; readonly stdoutDigest: string } {
    return { stdout: Buffer.concat(this.chunks), stdoutDigest: this.hash.digest('hex') };
  }
}

/** The stderr of one process: counted against its limit, of which the end is told. */
export class StderrTail {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  /** `redaction`: what is left out. */
  constructor(private readonly redaction: Redaction = NO_REDACTION) {}

  /** Takes the next bytes; false when the whole is beyond the limit: of what comes after that nothing is kept. */
  take(chunk: Buffer): boolean {
    if (this.bytes > PROCESS_LIMITS.stderrBytes) return false;
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    return this.bytes <= PROCESS_LIMITS.stderrBytes;
  }

  get isEmpty(): boolean {
    return this.bytes === 0;
  }

  /** At most 8 KiB of text that can be stored: no NUL, no broken characters. */
  text(): string {
    // the whole, before it is cut: of a secret at the cut nothing is left
    const whole = this.redaction.bytes(Buffer.concat(this.chunks));
    const storable = lastBytes(whole).toString('utf8').replaceAll('\0', '\uFFFD');
    const bytes = lastBytes(Buffer.from(storable));
    let start = 0;
    while (isInsideCharacter(bytes[start])) start += 1;
    return bytes.subarray(start).toString('utf8');
  }
}

function lastBytes(bytes: Buffer): Buffer<ArrayBuffer> {
  return Buffer.from(bytes.subarray(-PROCESS_LIMITS.stderrTailBytes));
}

/** UTF-8: the second and later bytes of a character are 10xxxxxx. */
function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0b1100_0000) === 0b1000_0000;
}
