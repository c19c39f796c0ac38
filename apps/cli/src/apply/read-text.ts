import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { utf8Text } from '@signalbox/contracts';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';
import type { Terminal } from '../terminal.js';

const STDIN = '-';

/** How people know a file that was given as an argument. */
export function fileName(file: string): string {
  return file === STDIN ? 'stdin' : file;
}

/** The text of a file, or of stdin. Throws `bad-text` when it is not UTF-8, `file-unreadable` when it cannot be read. */
export async function readText(file: string, terminal: Pick<Terminal, 'cwd' | 'readStdin'>): Promise<string> {
  return utf8Text(await bytesOf(file, terminal), fileName(file));
}

async function bytesOf(
  file: string,
  { cwd, readStdin }: Pick<Terminal, 'cwd' | 'readStdin'>,
): Promise<Uint8Array> {
  if (file === STDIN) return readStdin();
  try {
    return await readFile(resolve(cwd, file));
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new Failure('file-unreadable', `${file} cannot be read (${reason})`, EXIT.failure, {
      cause,
      next: 'check the path of the file',
    });
  }
}
