import type { FieldError } from './errors.js';
import { pointerToken } from './json-pointer.js';
import { isStorable, STORABLE_TEXT } from './storable-text.js';

/**
 * What in a value could not be kept as it is in records and tables: things that are not JSON, numbers that lose digits
 * (beyond 2^53), text that Postgres cannot hold, and nesting beyond `maxDepth` objects and lists. At most one error,
 * the first in document order, with a JSON Pointer that starts with `pointer`. Never recurses deeper than `maxDepth`.
 */
export function jsonError(value: unknown, maxDepth: number, pointer = ''): FieldError | undefined {
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return isStorable(value) ? undefined : { pointer, message: STORABLE_TEXT };
  if (typeof value === 'number') return numberError(value, pointer);
  if (typeof value !== 'object') return { pointer, message: `must be JSON, not ${typeof value}` };
  if (maxDepth === 0) return { pointer, message: 'is nested too deeply' };
  for (const [name, member] of Object.entries(value)) {
    const place = `${pointer}/${pointerToken(name)}`;
    const error = isStorable(name)
      ? jsonError(member, maxDepth - 1, place)
      : { pointer: place, message: STORABLE_TEXT };
    if (error) return error;
  }
  return undefined;
}

function numberError(value: number, pointer: string): FieldError | undefined {
  if (!Number.isFinite(value)) return { pointer, message: 'must be a finite number' };
  if (!Number.isInteger(value) || Number.isSafeInteger(value)) return undefined;
  return { pointer, message: 'is a whole number beyond 2^53 and would lose digits: write it as a string' };
}
