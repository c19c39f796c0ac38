import type { EntityManager } from 'typeorm';

/** Columns of a table in their order; found by the search path. In SQL they stand in quotes. */
export async function columnsOf(tx: EntityManager, table: string): Promise<string[]> {
  const rows = await tx.query<{ name: string }[]>(
    `select attname as name from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}
