import type { Fact } from '@signalbox/contracts';

/** What is read of a row of `facts` to have the fact: {@link FACT_COLUMNS}. */
export interface FactColumns {
  readonly id: string;
  readonly group_name: string;
  readonly origin: string;
  readonly type: string;
  readonly subject: string;
  readonly dedupe_key: string;
  readonly payload: Record<string, string>;
  readonly observed_at: string;
  readonly expires_at: string | null;
  readonly seq: number;
}

/** The columns of {@link FactColumns}, for a query. */
export const FACT_COLUMNS =
  'id, group_name, origin, type, subject, dedupe_key, payload, observed_at, expires_at, seq';

/** The fact of a row, without what travels with it and without its sequence at its origin. */
export function factOfColumns(row: FactColumns): Fact {
  const { expires_at: expiresAt } = row;
  return {
    id: row.id,
    group: row.group_name,
    sourceNode: row.origin,
    type: row.type,
    subject: row.subject,
    dedupeKey: row.dedupe_key,
    payload: row.payload,
    observedAt: row.observed_at,
    ...(expiresAt !== null && { expiresAt }),
  };
}
