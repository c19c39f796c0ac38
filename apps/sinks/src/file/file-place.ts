import type { Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { CodedError } from '@signalbox/contracts';

/** Names beside a file: what is to take its place, and what it was before. A dot in front: programs that read a whole directory pass them over. */
export interface FilePlace {
  readonly path: string;
  readonly directory: string;
  readonly next: string;
  readonly previous: string;
}

/** Where the files of a path stand. */
export function placeOf(path: string): FilePlace {
  const directory = dirname(path);
  const name = basename(path);
  return {
    path,
    directory,
    next: join(directory, `.${name}.signalbox-new`),
    previous: join(directory, `.${name}.signalbox-previous`),
  };
}

/**
 * Refuses a path that is not below a directory of sinks, or that leads there by a symlink: what is below such a directory may be made by
 * others than who set it. The directories of sinks themselves may lie behind symlinks. Throws `sink-place` with the remedy, and errors
 * of the file system.
 */
export async function checkPlace(
  { path, directory }: FilePlace,
  directories: readonly string[],
): Promise<void> {
  if (!isAbsolute(path) || normalize(path) !== path || path.endsWith(sep))
    throw refused(`${path} is not a plain absolute path: write it without ".." and doubled slashes`);
  const around = directories.find((one) => isBelow(path, one));
  if (around === undefined)
    throw refused(
      `${path} is not below a directory of sinks (${directories.join(', ')}): choose one of them, or set SIGNALBOX_SINK_DIRS`,
    );
  const truth = await realpath(around);
  const straight = join(truth, directory.slice(around.length));
  if ((await realpath(directory)) !== straight)
    throw refused(`a directory on the way from ${around} to ${path} is a symlink: use real directories`);
}

/** What stands at a path; undefined when nothing does. Throws `sink-place` for what is no regular file, such as a symlink. */
export async function regularFile(path: string): Promise<Stats | undefined> {
  const stats = await statOf(path);
  if (stats && !stats.isFile())
    throw refused(
      `${path} is ${stats.isSymbolicLink() ? 'a symlink' : 'no regular file'}: remove it, files of sinks take the place of nothing else`,
    );
  return stats;
}

/** As `lstat`; undefined when nothing is there. */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function refused(message: string): CodedError {
  return new CodedError('sink-place', message);
}
