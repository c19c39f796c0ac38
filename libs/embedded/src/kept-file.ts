import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

/**
 * Writes a small file whole; says whether it could. On a full disk one that is there is written over where it stands, which
 * needs no more room, and else stays as it was.
 *
 * @throws Error when it cannot be written and there is none
 */
export function writeKept(file: string, text: string): boolean {
  const written = `${file}.new`;
  try {
    writeFileSync(written, text);
    renameSync(written, file);
    return true;
  } catch (error) {
    rmSync(written, { force: true });
    if (!existsSync(file)) throw error;
    return writeOver(file, Buffer.from(text));
  }
}

function writeOver(file: string, text: Buffer): boolean {
  const opened = openSync(file, 'r+');
  try {
    const isWhole = writeSync(opened, text, 0, text.length, 0) === text.length;
    if (isWhole) ftruncateSync(opened, text.length);
    return isWhole;
  } catch {
    return false;
  } finally {
    closeSync(opened);
  }
}
