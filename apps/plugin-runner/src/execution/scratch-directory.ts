import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh directory (mode 0700) for one process. */
export interface ScratchDirectory {
  readonly path: string;
  /**
   * A directory that cannot be removed, for example because a process that escaped still writes there, is reported
   * as a process warning and not as a failure.
   */
  remove(): Promise<void>;
}

export async function makeScratchDirectory(): Promise<ScratchDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'signalbox-plugin-'));
  const remove = (): Promise<void> =>
    rm(path, { recursive: true, force: true, maxRetries: 2 }).catch((error: unknown) => {
      process.emitWarning(`the scratch directory ${path} was not removed: ${String(error)}`);
    });
  return { path, remove };
}

/** Runs `work` with a scratch directory and removes it afterwards. */
export async function withScratchDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await makeScratchDirectory();
  try {
    return await work(directory.path);
  } finally {
    await directory.remove();
  }
}
