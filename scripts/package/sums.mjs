import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The file with a line for every other file of a package, as `sha256sum --check` reads it. */
export const SUMS = 'SHA256SUMS';

/** Writes `<dir>/<name>` for all files below `dir`. Links are in no line: what they lead to is. */
export function writeSums(dir, name) {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .filter((file) => file !== name)
    .sort();
  writeFileSync(join(dir, name), files.map((file) => sumLine(join(dir, file), file)).join(''));
}

/** A line for one file, under this name. */
export function sumLine(file, name) {
  return `${createHash('sha256').update(readFileSync(file)).digest('hex')}  ${name}\n`;
}
