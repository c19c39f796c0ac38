import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { PROCESS_LIMITS } from './limits.js';

const remembered = new Map<string, string>();

/** How many digests are remembered. */
export function rememberedDigests(): number {
  return remembered.size;
}

/**
 * sha256 hex of an open file. Remembered by (dev, ino, size, mtime, ctime), so that a plugin is read once and not
 * before every run; ctime cannot be set by a program. A file changed less than 2 s before `nowMs` is read again
 * next time: another change within the same tick of the file system's clock would leave all five as they are.
 */
export async function fileDigest(file: FileHandle, nowMs: number): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await file.stat({ bigint: true });
  const key = [dev, ino, size, mtimeNs, ctimeNs].join(':');
  const known = remembered.get(key);
  if (known !== undefined) return known;

  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ start: 0, autoClose: false }))
    hash.update(chunk as Buffer);
  const digest = hash.digest('hex');

  if (nowMs - Number(ctimeMs) >= PROCESS_LIMITS.settledMs) remember(key, digest);
  return digest;
}

function remember(key: string, digest: string): void {
  const [oldest] = remembered.keys();
  if (remembered.size >= PROCESS_LIMITS.rememberedDigests && oldest !== undefined) remembered.delete(oldest);
  remembered.set(key, digest);
}
