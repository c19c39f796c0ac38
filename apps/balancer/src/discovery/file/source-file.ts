import type { BigIntStats } from 'node:fs';
import { constants, type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { SOURCE_FILE_BOUNDS } from '@signalbox/contracts';
import { tooLargeText } from '../../domain/discovery/file-endpoints.js';

/** How a file was found. */
export interface FileLook {
  /** Differs whenever the file is another one, or may have other content. */
  readonly mark: string;
  /** Where it lies when all links are followed; absent: it cannot be read, see {@link fault}. */
  readonly real?: string;
  /** What is wrong, to be told behind the name of the file. */
  readonly fault?: string;
  /** Where changes of it can be seen. */
  readonly directories: ReadonlySet<string>;
}

/** Its bytes, or why there are none; undefined: it changed since it was looked at. */
export type FileRead = { readonly bytes: Buffer } | { readonly fault: string } | undefined;

/** No link is followed at the end, and nothing is waited for that is no file. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist below the directory of sources',
  ELOOP: 'is a link that leads in a circle',
  EACCES: 'may not be read',
};

/** The file of one source, below a directory that no link may lead out of. Nothing of it rejects. */
export class SourceFile {
  constructor(
    private readonly root: string,
    private readonly path: string,
  ) {}

  async look(): Promise<FileLook> {
    const directories = new Set(this.parents());
    try {
      const root = await realpath(this.root);
      const real = await realpath(join(root, this.path));
      if (!real.startsWith(root.endsWith(sep) ? root : root + sep))
        return faulty('leads out of the directory of sources', directories);
      directories.add(dirname(real));
      return { mark: markOf(real, await stat(real, { bigint: true })), real, directories };
    } catch (error) {
      return faulty(faultText(error), directories);
    }
  }

  /** Reads what was looked at. */
  async read({ mark, real = '' }: FileLook): Promise<FileRead> {
    let file: FileHandle | undefined;
    try {
      file = await open(real, FLAGS);
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) return { fault: 'is no file' };
      if (before.size > SOURCE_FILE_BOUNDS.bytes) return { fault: tooLargeText() };
      const bytes = await readAll(file, Number(before.size));
      const isSame = [before, await file.stat({ bigint: true })].every((one) => markOf(real, one) === mark);
      return isSame ? { bytes } : undefined;
    } catch (error) {
      return { fault: faultText(error) };
    } finally {
      await file?.close();
    }
  }

  /** The directory of sources and those on the way from it to the file: each of them may be a link that is exchanged. */
  private parents(): string[] {
    const steps = this.path.split('/').slice(0, -1);
    return [this.root, ...steps.map((_, at) => join(this.root, ...steps.slice(0, at + 1)))];
  }
}

/** Reads what the file is said to have, and not what it gets meanwhile. */
async function readAll(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}

function markOf(real: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs, real].join(' ');
}

function faulty(fault: string, directories: ReadonlySet<string>): FileLook {
  return { mark: `fault: ${fault}`, fault, directories };
}

function faultText(error: unknown): string {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  return FAULTS[code] ?? `cannot be read (${code})`;
}
