import { mkdirSync, openSync, readFileSync, renameSync, statSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';

/** A server's log file is cut at this size: it is for the last trouble, not for history. */
export const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
const CHECK_EVERY_MS = 60_000;
const TAIL_LINES = 5;

/** Opens a server's log for appending, the previous one moved to `.1` when it is too large. Close with `closeSync`. */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  if (size(file) > LOG_LIMIT_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** Empties the log whenever it has outgrown its limit (the server appends, so it goes on at the start). */
export function keepBounded(file: string): { stop: () => void } {
  const timer = setInterval(() => {
    if (size(file) > LOG_LIMIT_BYTES) truncateSync(file);
  }, CHECK_EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** The last lines of a log, for an error message. */
export function logTail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  } catch {
    return '(no log)';
  }
}

function size(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
