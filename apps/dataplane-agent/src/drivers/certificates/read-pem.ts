import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Largest file that is read: a chain of ten with the longest keys is a tenth of it. Bytes. */
export const MOST_PEM_BYTES = 256 * 1024;

/** What a file holds, or why it cannot be read. */
export type ReadPem = { readonly text: string } | { readonly fault: string };

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EACCES: 'may not be read by the agent',
  ELOOP: 'is a link that leads to itself',
};

/** Reads a regular file of the node. What waits for a writer, or has no end, is not waited for. Throws nothing. */
export async function readPem(file: string): Promise<ReadPem> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      if (!found.isFile()) return { fault: `${file} is no regular file` };
      if (found.size > MOST_PEM_BYTES) return { fault: `${file} is larger than ${MOST_PEM_BYTES} bytes` };
      const room = Buffer.alloc(MOST_PEM_BYTES);
      const { bytesRead } = await handle.read(room, 0, MOST_PEM_BYTES, 0);
      return { text: room.toString('latin1', 0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { fault: `${file} ${FAULTS[code] ?? `cannot be read (${code})`}` };
  }
}
