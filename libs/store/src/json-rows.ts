/** Text that Postgres cannot store: NUL and lone surrogates. */
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * JSON for a `jsonb_to_recordset($1)` parameter. Characters that Postgres cannot store become U+FFFD, so that no
 * text from outside can block a projection. Documents that must keep every byte go in as JSON text inside a string.
 */
export function jsonRows(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, value: unknown) => storable(value));
}

/** Query parameters of a projection, for the same reason and in the same way. */
export function parameters(...values: readonly unknown[]): unknown[] {
  return values.map(storable);
}

function storable(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(UNSTORABLE, '\ufffd') : value;
}

/** Keeps the last row of every key, in order of first appearance. */
export function lastPerKey<T>(rows: readonly T[], key: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [key(row), row])).values()];
}

/** Rows in rounds of distinct keys, the rows of a key in order: what one row keeps of the one before must not depend on batches. */
export function inRounds<T>(rows: readonly T[], key: (row: T) => string): T[][] {
  const rounds: T[][] = [];
  const taken = new Map<string, number>();
  for (const row of rows) {
    const round = taken.get(key(row)) ?? 0;
    taken.set(key(row), round + 1);
    (rounds[round] ??= []).push(row);
  }
  return rounds;
}
