import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { secretBytes } from '@signalbox/contracts';

/** A change is read this long after the last event of its directory, so that nobody sees a half-written file. */
const SETTLE_MS = 100;
/** How often the file is read without any event: for directories that appear later or cannot be watched. */
const RECHECK_MS = 10_000;
const LARGEST_SECRET = 64 * 1024;

/**
 * A secret kept in a file: its bytes without surrounding ASCII white space (`secretBytes`), `undefined` while the file is
 * missing, unreadable, empty or over 64 KiB. Watches the file's directory, because secrets are replaced by renames and symlinks.
 */
export class SecretFile {
  private current: Buffer | undefined;
  private why = 'was not read yet';
  private watcher: FSWatcher | undefined;
  private settling: NodeJS.Timeout | undefined;
  private recheck: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    readonly path: string,
    private readonly onChange: () => void,
  ) {}

  /** Reads the file for the first time and starts to watch it; `onChange` is called for later changes only, of the
   * content or of why there is none. */
  async open(): Promise<this> {
    this.watch();
    this.current = await this.read();
    this.recheck = setInterval(() => {
      this.watch();
      this.schedule();
    }, RECHECK_MS).unref();
    if (this.closed) this.close();
    return this;
  }

  get value(): Buffer | undefined {
    return this.current;
  }

  /** Why there is no value, for people; undefined while there is one. */
  get trouble(): string | undefined {
    return this.current === undefined ? this.why : undefined;
  }

  close(): void {
    this.closed = true;
    this.watcher?.close();
    this.watcher = undefined;
    clearTimeout(this.settling);
    clearInterval(this.recheck);
  }

  private watch(): void {
    if (this.watcher || this.closed) return;
    try {
      this.watcher = watch(dirname(this.path), { persistent: false }, () => this.schedule());
      this.watcher.on('error', () => this.unwatch());
    } catch {
      this.unwatch();
    }
  }

  private unwatch(): void {
    this.watcher?.close();
    this.watcher = undefined;
  }

  private schedule(): void {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => void this.refresh(), SETTLE_MS).unref();
  }

  private async refresh(): Promise<void> {
    const { why } = this;
    const secret = await this.read();
    if (this.closed || (isSame(secret, this.current) && why === this.why)) return;
    this.current = secret;
    this.onChange();
  }

  private async read(): Promise<Buffer | undefined> {
    try {
      const content = await readFile(this.path);
      const secret = secretBytes(content);
      if (secret.length === 0) this.why = 'is empty';
      else if (content.length > LARGEST_SECRET) this.why = `is larger than ${LARGEST_SECRET} bytes`;
      else return secret;
    } catch (error) {
      const { code = String(error) } = error as NodeJS.ErrnoException;
      this.why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
    }
    return undefined;
  }
}

function isSame(a: Buffer | undefined, b: Buffer | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
