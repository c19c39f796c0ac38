import { constants, lstatSync, realpathSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CodedError, MAX_SECRET_BYTES, type PluginSecret, secretBytes } from '@signalbox/contracts';
import { directoryAround } from '@signalbox/runtime';
import { PROCESS_LIMITS } from '../limits.js';

/** What the file of a secret held when it was read. */
export interface SecretContent {
  readonly bytes: Buffer;
  /** Which file it was: device and inode. */
  readonly file: string;
}

/**
 * Reads the file of a secret: a regular file of at most 64 KiB, not empty, inside one of the directories once symlinks on the way
 * to it are followed; its last step must be none. Opened once. `pointer`: of its `file` in the Plugin.
 *
 * Throws `secret-missing` when there is nothing to read, `secret-refused` when it may not be read, both with the name of
 * the secret, the file and the remedy, and never with anything that it holds.
 */
export async function readSecretFile(
  secret: PluginSecret,
  directories: readonly string[],
  pointer: string,
): Promise<SecretContent> {
  const path = placeOf(secret.file);
  if ((await directoryAround(path, directories)) === undefined) {
    const allowed = directories.length > 0 ? directories.join(', ') : 'none is configured';
    throw refused(
      `is not inside a directory of secrets (${allowed}): put it there, or set SIGNALBOX_SECRET_DIRS`,
    );
  }
  const file = await opened(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refused('is not a regular file: name the file itself');
    const bytes = await upTo(file, MAX_SECRET_BYTES + 1);
    if (bytes.length > MAX_SECRET_BYTES)
      throw refused(`is larger than ${MAX_SECRET_BYTES} bytes: name another file`);
    if (secretBytes(bytes).length === 0) throw missing('is empty: write the secret to it');
    return { bytes, file: `${stats.dev}:${stats.ino}` };
  } finally {
    await file.close();
  }

  async function opened(at: string): Promise<FileHandle> {
    try {
      // without following a symlink and without waiting for the other end of a pipe
      return await open(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (cause) {
      const { code = String(cause) } = cause as NodeJS.ErrnoException;
      if (code === 'ELOOP') throw refused('is a symlink: name the file that it leads to', cause);
      if (code === 'ENOENT' || code === 'ENOTDIR')
        throw missing(`does not exist: put it there, or correct ${pointer}`, cause);
      throw missing(`cannot be read (${code}): let the plugin-runner read it`, cause);
    }
  }

  function missing(why: string, cause?: unknown): CodedError {
    return fault('secret-missing', why, cause);
  }

  function refused(why: string, cause?: unknown): CodedError {
    return fault('secret-refused', why, cause);
  }

  function fault(code: 'secret-missing' | 'secret-refused', why: string, cause: unknown): CodedError {
    const message = `${secret.file} ${why}`;
    return new CodedError(code, `secret ${secret.name}: ${message}`, [{ pointer, message }], { cause });
  }
}

/**
 * Which file a secret is now, and when it was changed last, as a text: while it is the same, so is what the file holds and whether it may
 * be read. Undefined when that cannot be told: there is nothing, or it changed less than 2 s before `nowMs` (see file-digest.ts).
 */
export function secretSeal({ file }: PluginSecret, nowMs: number): string | undefined {
  const path = placeOf(file);
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats || nowMs - Number(stats.ctimeMs) < PROCESS_LIMITS.settledMs) return undefined;
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [path, dev, ino, size, mtimeNs, ctimeNs].join('\0');
}

/** The path of a file with the symlinks of its directory followed; of a directory that does not exist as it is written. */
function placeOf(file: string): string {
  const path = resolve(file);
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}

async function upTo(file: FileHandle, most: number): Promise<Buffer> {
  const buffer = Buffer.alloc(most);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, most - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length === most) return Buffer.from(buffer.subarray(0, length));
  }
}
