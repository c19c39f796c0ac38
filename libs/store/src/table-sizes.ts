import type { DataSource } from 'typeorm';

/** How large a table is, about. */
export interface TableSize {
  readonly name: string;
  /** As Postgres estimates them: of what was written, or of what it saw when it last looked, whichever is more. */
  readonly rows: number;
  /** With its indexes. */
  readonly bytes: number;
}

/** The sizes of all tables of the site, by name. Nothing is counted: it takes as long as there are tables. */
export async function tableSizes(dataSource: DataSource): Promise<readonly TableSize[]> {
  // what was written is forgotten in a crash of the server, what it saw lags behind
  return dataSource.query<TableSize[]>(
    `select c.relname as name,
            greatest(s.n_live_tup, c.reltuples::bigint, 0) as rows,
            pg_total_relation_size(c.oid) as bytes
     from pg_class c join pg_stat_user_tables s on s.relid = c.oid
     where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
     order by c.relname`,
  );
}
