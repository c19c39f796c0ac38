import { chown, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isOurs } from './bird-text.js';
import { unavailable } from '../announcer-error.js';

/** The file that the configuration of BIRD includes. It is there whole or not at all, also when the machine loses its power. */
export class BirdFile {
  constructor(readonly path: string) {}

  /** Where a text is tried before it takes its place. */
  get tried(): string {
    return `${this.path}.next`;
  }

  /** Undefined: there is none. Rejects with `announcer-unavailable` for a file that is not ours: it is somebody's work. */
  async read(): Promise<string | undefined> {
    let text;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw unavailable(`${this.path} cannot be read`, error);
    }
    if (isOurs(text)) return text;
    throw unavailable(`${this.path} was not written by Signalbox; move it away, or name another file`);
  }

  /** Writes a text beside the file. It may hold passwords: for the owner, and the group of the directory, which is that of BIRD. */
  async prepare(text: string): Promise<void> {
    try {
      const handle = await open(this.tried, 'w', 0o640);
      try {
        await handle.chmod(0o640);
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      // where the directory does not do it; who may not has no other group to give it to
      const { gid } = await stat(dirname(this.path));
      await chown(this.tried, -1, gid).catch(() => undefined);
    } catch (error) {
      throw unavailable(`${this.tried} cannot be written: ${String(codeOf(error))}`, error);
    }
  }

  /** What was prepared takes its place. */
  async place(): Promise<void> {
    await rename(this.tried, this.path);
  }

  /** Puts back what was there. */
  async restore(text: string | undefined): Promise<void> {
    if (text === undefined) return rm(this.path, { force: true });
    await this.prepare(text);
    await this.place();
  }

  async dropTried(): Promise<void> {
    await rm(this.tried, { force: true });
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}
