import { CodedError } from '@signalbox/contracts';

/** Type of each member of a cursor's key, in order. */
export type KeyShape = readonly ('string' | 'number')[];

/** Longest cursor that is looked at, characters. */
const CURSOR_LENGTH = 4096;

/** Opaque text of the place behind a list item: base64url of its key. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Key of a cursor. Throws `validation-failed` on anything that is not a cursor of this list. */
export function decodeCursor(cursor: string, shape: KeyShape): (string | number)[] {
  const key = cursor.length > CURSOR_LENGTH ? undefined : parsed(cursor);
  const fits =
    Array.isArray(key) &&
    key.length === shape.length &&
    key.every((member: unknown, index) => fitsShape(member, shape[index]));
  if (fits) return key as (string | number)[];
  throw new CodedError('validation-failed', 'after is not a cursor of this list', [
    { pointer: '/after', message: 'must be the "next" of an earlier answer of the same list' },
  ]);
}

function fitsShape(member: unknown, type: KeyShape[number] | undefined): boolean {
  if (type === 'number') return Number.isSafeInteger(member);
  return typeof member === 'string' && !member.includes('\0');
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** One page of a list. `next` is there when more follows. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** Makes a page of at most `limit` items from up to `limit + 1` rows. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  keyOfRow: (row: Row) => readonly (string | number)[],
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown[shown.length - 1];
  const more = rows.length > limit && last !== undefined;
  return { items: shown.map(toItem), ...(more && { next: encodeCursor(keyOfRow(last)) }) };
}
