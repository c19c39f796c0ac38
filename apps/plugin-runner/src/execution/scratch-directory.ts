import { chown, mkdtemp, rm } from 'node:fs/promises';
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

/** `owner`: the user that it belongs to, when that is not us. */
export async function makeScratchDirectory(owner?: {
  readonly uid: number;
  readonly gid: number;
}): Promise<ScratchDirectory> {
  const path = await mkdtemp(join(tmpdir(), 'signalbox-plugin-'));
  if (owner) await chown(path, owner.uid, owner.gid);
  const remove = (): Promise<void> =>
    rm(path, { recursive: true, force: true, maxRetries: 2 }).catch((error: unknown) => {
      process.emitWarning(`the scratch directory ${path} was not removed: ${String(error)}`);
    });
  return { path, remove };
}
