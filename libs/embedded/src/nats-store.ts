import { lstatSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

/** Part of the room on its file system that JetStream takes: facts and records become rows of a Postgres beside it. */
const SHARE = 0.5;

/** Bytes that a file system gives to a block, as `stat` counts them. */
const BLOCK = 512;

/**
 * Most bytes that JetStream may store in a directory, so that it refuses before the disk is full: a nats-server that meets a
 * full disk stops storing until it is started again. Half of what is free and what it has itself.
 */
export function storeBound(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return Math.floor((bavail * bsize + usedBy(dir)) * SHARE);
}

/**
 * What `SIGNALBOX_NATS_MAX_STORE` asks for, in bytes; undefined when it is unset or empty.
 *
 * @throws Error when it is no whole number above 0
 */
export function maxStoreOf(value: string | undefined): number | undefined {
  if (!value) return undefined;
  const bytes = Number(value);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new Error(`SIGNALBOX_NATS_MAX_STORE is ${value}: expected a number of bytes`);
}

/** Files that go while they are counted count nothing. */
function usedBy(dir: string): number {
  let bytes = 0;
  for (const name of namesIn(dir)) {
    const path = join(dir, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found) bytes += found.isDirectory() ? usedBy(path) : found.blocks * BLOCK;
  }
  return bytes;
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
