/** Text that Postgres cannot store: NUL and lone surrogates. */
const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What JSON has in the place of such text; when it stands behind another backslash, it is only taken for it. */
const ESCAPED_UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/**
 * JSON for a `jsonb_to_recordset($1)` parameter. Characters that Postgres cannot store become U+FFFD, so that no
 * text from outside can block a projection. Documents that must keep every byte go in as JSON text inside a string.
 */
export function jsonRows(rows: readonly object[]): string {
  const text = JSON.stringify(rows);
  if (!ESCAPED_UNSTORABLE.test(text)) return text;
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? storable(value) : value,
  );
}

/** Query parameters of a projection, for the same reason and in the same way. */
export function parameters(...values: readonly unknown[]): unknown[] {
  return values.map((value) => (typeof value === 'string' ? storable(value) : value));
}

/** The text as Postgres stores it: what it cannot store becomes U+FFFD. */
export function storable(text: string): string {
  return text.replace(UNSTORABLE, '\ufffd');
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
