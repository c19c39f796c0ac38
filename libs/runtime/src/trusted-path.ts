import type { Stats } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { isOnReadOnlyMount } from './read-only-mount.js';

/**
 * The rule of programs that a service starts (spec/plugins-and-config "Trust"): the file and every directory from it up to a
 * configured one belong to root or to the service's user, and nobody else may write them.
 */

const WRITABLE_BY_OTHERS = 0o022;

/** The first of the directories, symlinks followed, that holds a path without symlinks. Directories that do not exist hold nothing. */
export async function directoryAround(
  path: string,
  directories: readonly string[],
): Promise<string | undefined> {
  for (const configured of directories) {
    const directory = await realpath(configured).catch(() => undefined);
    if (directory !== undefined && path.startsWith(directory.endsWith(sep) ? directory : directory + sep))
      return directory;
  }
  return undefined;
}

/** From the directory of a file up to and including the one around it, see {@link directoryAround}. */
export function* parentsOf(path: string, around: string): Iterable<string> {
  let directory = dirname(path);
  while (directory !== around) {
    yield directory;
    directory = dirname(directory);
  }
  yield around;
}

/**
 * Who else could change a file or directory, with the remedy; undefined when nobody could. The owner is not asked for on a
 * read-only mount.
 */
export async function ownershipFault(
  path: string,
  { mode, uid }: Pick<Stats, 'mode' | 'uid'>,
  serviceUid: number | undefined,
): Promise<string | undefined> {
  if ((mode & WRITABLE_BY_OTHERS) !== 0)
    return `${path} can be written by its group or by anyone: chmod go-w ${path}`;
  if (uid === 0 || uid === serviceUid || (await isOnReadOnlyMount(path))) return undefined;
  return `${path} belongs to the user ${uid}, not to root or the service user: chown root ${path}`;
}
