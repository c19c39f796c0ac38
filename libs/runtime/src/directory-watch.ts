import { type FSWatcher, watch } from 'node:fs';

/** After the first sign of a change the rest of it is let come, so that a file is not read between two writes. Milliseconds. */
const GATHER_MS = 100;

/**
 * Tells that something changed in one of some directories: files that are replaced by renaming are seen only there. It is a
 * hint and nothing more: a directory that cannot be watched is not, and whoever asks looks from time to time as well.
 */
export class DirectoryWatch {
  private readonly watchers = new Map<string, FSWatcher>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly changed: () => void) {}

  /** Watches these directories and no others. */
  watch(directories: ReadonlySet<string>): void {
    for (const directory of this.watchers.keys()) if (!directories.has(directory)) this.forget(directory);
    for (const directory of directories) if (!this.watchers.has(directory)) this.begin(directory);
  }

  close(): void {
    this.watch(new Set());
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private begin(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, () => this.note());
      watcher.on('error', () => this.forget(directory));
      this.watchers.set(directory, watcher);
    } catch {
      // it is not there, or too many are watched
    }
  }

  private forget(directory: string): void {
    this.watchers.get(directory)?.close();
    this.watchers.delete(directory);
  }

  private note(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // a directory that was replaced is another one of the same name
      const directories = new Set(this.watchers.keys());
      this.watch(new Set());
      this.watch(directories);
      this.changed();
    }, GATHER_MS).unref();
  }
}
