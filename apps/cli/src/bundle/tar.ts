/** A file of an archive. */
export interface TarEntry {
  readonly name: string;
  readonly data: Buffer;
}

const BLOCK = 512;

/** A tar archive (POSIX ustar) of small files; names have at most 100 bytes. `mtime`: unix seconds, of all of them. */
export function tarOf(entries: readonly TarEntry[], mtime: number): Buffer {
  const parts = entries.flatMap(({ name, data }) => [
    header(name, data.byteLength, mtime),
    data,
    Buffer.alloc((BLOCK - (data.byteLength % BLOCK)) % BLOCK),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, size: number, mtime: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, 'utf8');
  block.write('0000600\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${octal(size, 11)}\0`, 124);
  block.write(`${octal(mtime, 11)}\0`, 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return Math.floor(value).toString(8).padStart(digits, '0');
}
