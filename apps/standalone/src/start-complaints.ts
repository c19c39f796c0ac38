import { closeSync, type FSWatcher, mkdirSync, openSync, readSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** From this level on a line of a log is worth the console. */
const WARN = 40;
/** Most that is read of a log at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * What services write into their logs while they start, on the console: who waits, for what, and why. Each thing once
 * per service, and warnings only.
 */
export class StartComplaints {
  private readonly dir: string;
  private readonly offsets = new Map<string, number>();
  private readonly said = new Set<string>();
  private readonly watcher: FSWatcher;

  constructor(
    private readonly names: readonly string[],
    stateDir: string,
    private readonly log: (line: string) => void,
  ) {
    this.dir = join(stateDir, 'log');
    mkdirSync(this.dir, { recursive: true });
    for (const name of names) this.offsets.set(name, this.size(name));
    this.watcher = watch(this.dir, { persistent: false }, () => this.read());
  }

  close(): void {
    this.watcher.close();
    this.read();
  }

  private read(): void {
    for (const name of this.names) this.readOf(name);
  }

  private readOf(name: string): void {
    while (this.readOnce(name));
  }

  /** Whether there may be more. */
  private readOnce(name: string): boolean {
    const size = this.size(name);
    const known = this.offsets.get(name) ?? 0;
    // a log that was begun anew is shorter
    const from = size < known ? 0 : known;
    if (size === from) return false;
    const bytes = Buffer.alloc(Math.min(size - from, CHUNK_BYTES));
    const file = openSync(this.file(name), 'r');
    const length = readSync(file, bytes, 0, bytes.length, from);
    closeSync(file);
    const end = bytes.lastIndexOf('\n', length - 1) + 1;
    // of a line that is longer than a chunk nothing is told
    const handled = end === 0 && length === CHUNK_BYTES ? length : end;
    this.offsets.set(name, from + handled);
    for (const line of bytes.toString('utf8', 0, end).split('\n')) this.tell(name, line);
    return handled > 0;
  }

  private tell(name: string, line: string): void {
    const complaint = complaintIn(line);
    if (complaint === undefined || this.said.has(`${name} ${complaint}`)) return;
    this.said.add(`${name} ${complaint}`);
    this.log(`${name}: ${complaint}`);
  }

  private size(name: string): number {
    return statSync(this.file(name), { throwIfNoEntry: false })?.size ?? 0;
  }

  private file(name: string): string {
    return join(this.dir, `${name}.log`);
  }
}

/** The warning or error in a line of a log, with its reason. */
export function complaintIn(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined;
  let entry: { level?: unknown; msg?: unknown; reason?: unknown; url?: unknown };
  try {
    entry = JSON.parse(line) as typeof entry;
  } catch {
    return undefined;
  }
  const { level, msg, reason, url } = entry;
  if (typeof level !== 'number' || level < WARN || typeof msg !== 'string') return undefined;
  const where = typeof url === 'string' ? ` (${url})` : '';
  return typeof reason === 'string' ? `${msg}${where}: ${reason}` : `${msg}${where}`;
}
