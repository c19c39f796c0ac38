// When and how many facts can be read in a file that a sink writes: a name a line.
import { readFileSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Looks at a file from outside, as a program would that is woken by its directory. */
export class ReadableFile {
  waiting = new Map();
  latencies = [];

  constructor(path) {
    this.path = path;
    const name = basename(path);
    this.watcher = watch(dirname(path), (_event, changed) => {
      if (changed === name) this.look();
    });
  }

  /** How many names can be read. */
  async count() {
    return this.text().split('\n').length - 1;
  }

  /** From now on it is awaited that this name can be read. */
  await(name) {
    this.waiting.set(name, performance.now());
  }

  /** As `Readable.take`. */
  take() {
    const now = performance.now();
    const late = this.waiting.size;
    for (const at of this.waiting.values()) this.latencies.push(now - at);
    const latencies = this.latencies.sort((a, b) => a - b);
    this.latencies = [];
    this.waiting.clear();
    return { latencies, late };
  }

  stop() {
    this.watcher.close();
  }

  look() {
    if (this.waiting.size === 0) return;
    const there = new Set(this.text().split('\n'));
    const now = performance.now();
    for (const [name, at] of this.waiting) {
      if (!there.has(name)) continue;
      this.waiting.delete(name);
      this.latencies.push(now - at);
    }
  }

  text() {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (error.code === 'ENOENT') return '';
      throw error;
    }
  }
}
