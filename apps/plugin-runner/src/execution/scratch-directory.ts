import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs `work` with a fresh directory (mode 0700) and removes it afterwards. A directory that cannot be removed, for
 * example because a process that escaped still writes there, is reported as a process warning and not as a failure.
 */
export async function withScratchDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'signalbox-plugin-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 2 }).catch((error: unknown) => {
      process.emitWarning(`the scratch directory ${directory} was not removed: ${String(error)}`);
    });
  }
}
