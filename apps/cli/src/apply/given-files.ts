import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EXIT } from '../exit-codes.js';
import { Failure } from '../failure.js';

/** What a directory is looked through for. */
const MANIFEST = /^[^.].*\.(?:ya?ml|json)$/i;

/**
 * The files that arguments of `-f` name: a directory stands for its `*.yaml`, `*.yml` and `*.json` in the order of their
 * names, with `recursive` also for those of the directories in it; hidden ones are passed over. A file and `-` stand for
 * themselves. Throws `file-unreadable` for a directory without any.
 */
export async function givenFiles(
  given: readonly string[],
  cwd: string,
  recursive: boolean,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of given) {
    const isDirectory =
      path !== '-' && (await stat(resolve(cwd, path)).catch(() => undefined))?.isDirectory();
    if (!isDirectory) files.push(path);
    else files.push(...(await filesIn(path, cwd, recursive)));
  }
  return files;
}

async function filesIn(dir: string, cwd: string, recursive: boolean): Promise<readonly string[]> {
  const found = await walk(dir, cwd, recursive);
  if (found.length > 0) return found;
  throw new Failure('file-unreadable', `${dir} holds no *.yaml, *.yml or *.json`, EXIT.failure, {
    next: recursive ? 'check the path of the directory' : 'check the path, or add --recursive',
  });
}

async function walk(dir: string, cwd: string, recursive: boolean): Promise<readonly string[]> {
  const entries = await readdir(resolve(cwd, dir), { withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory()) files.push(...(recursive ? await walk(path, cwd, recursive) : []));
    else if (MANIFEST.test(entry.name)) files.push(path);
  }
  return files;
}
