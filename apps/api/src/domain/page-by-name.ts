import { decodeCursor, type Page, pageOf } from './cursor.js';

/** How a list by name is cut into pages. */
export interface NamedPageQuery {
  readonly limit: number;
  readonly after?: string;
  /** `-name`: from the last one on. */
  readonly sort?: string;
}

/** A page of what is in memory and has names that differ. Throws `validation-failed` for a cursor of another list. */
export function pageByName<T extends { readonly name: string }>(
  all: readonly T[],
  { limit, after, sort }: NamedPageQuery,
): Page<T> {
  const direction = sort === '-name' ? -1 : 1;
  const compare = (a: string, b: string): number => (a < b ? -direction : a > b ? direction : 0);
  const sorted = [...all].sort((a, b) => compare(a.name, b.name));
  const [behind] = after === undefined ? [] : decodeCursor(after, ['string']);
  const rest = behind === undefined ? sorted : sorted.filter(({ name }) => compare(name, String(behind)) > 0);
  return pageOf(
    rest.slice(0, limit + 1),
    limit,
    (one) => one,
    ({ name }) => [name],
  );
}
