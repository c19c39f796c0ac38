import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type SinkContent, subjectToken } from '@signalbox/contracts';

/** What is being done to a file, or was done to it last. */
export interface FileState {
  /** `begun`: the file may be the new one or the one before. `done`: it is the new one, and every step held. */
  readonly phase: 'begun' | 'done';
  readonly path: string;
  /** What the file shall have, or has. */
  readonly content: SinkContent;
  /** sha256 hex of what the file had before; absent: there was none. */
  readonly before?: string;
}

/**
 * The last word about one sink's file, in `sink-state` of the state directory: what a start after a crash goes on from. Without it, the
 * records of the sink count alone.
 */
export class FileStateBook {
  private readonly path: string;

  constructor(stateDir: string, sink: string) {
    this.path = join(stateDir, 'sink-state', `${subjectToken(sink)}.json`);
  }

  /** Undefined when there is none, or none that can be read. */
  async read(): Promise<FileState | undefined> {
    try {
      return JSON.parse(await readFile(this.path, 'utf8')) as FileState;
    } catch (error) {
      if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT')
        return undefined;
      throw error;
    }
  }

  /** On disk when it resolves, unless it may be lost: `done` that is lost is `begun`, and its steps are gone through again. */
  async write(state: FileState): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.new`;
    const file = await open(draft, 'w', 0o600);
    try {
      await file.writeFile(JSON.stringify(state));
      if (state.phase === 'begun') await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
    if (state.phase === 'begun') await syncDirectory(dirname(this.path));
  }

  async forget(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** What was renamed in a directory is on disk when it resolves. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
