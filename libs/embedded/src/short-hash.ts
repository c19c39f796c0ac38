import { createHash } from 'node:crypto';

/** Twelve hex digits that stand for a path where the path itself is too long or may not be seen. */
export function shortHash(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}
