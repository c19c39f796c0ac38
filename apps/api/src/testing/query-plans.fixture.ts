import type { DataSource } from 'typeorm';

/** A statement as the data source sent it. */
export interface Sent {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** A node of a plan, as `explain (analyze, format json)` tells it. */
interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** What may be looked at for one answer: a page and what belongs to it, or passing over nine of ten for a page. Rows. */
const MOST_ROWS = 2000;

/** Runs `work` and returns the reads that it sent, in their order. */
export async function readsOf(dataSource: DataSource, work: () => Promise<unknown>): Promise<Sent[]> {
  const sent: Sent[] = [];
  const { logger } = dataSource;
  dataSource.logger = Object.assign(Object.create(logger) as typeof logger, {
    logQuery: (sql: string, values: readonly unknown[] = []) => void sent.push({ sql, values }),
  });
  try {
    await work();
  } finally {
    dataSource.logger = logger;
  }
  return sent.filter(({ sql }) => /^\s*(select|with|delete)\b/i.test(sql));
}

/**
 * What is wrong with how Postgres carries out a statement on large tables; nothing for a good plan. It is carried out and
 * undone, so that what is counted is what it really looks at.
 */
export async function complaints(
  dataSource: DataSource,
  { sql, values }: Sent,
  large: ReadonlySet<string>,
): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    const [row] = (await runner.query(`explain (analyze, timing off, format json) ${sql}`, [...values])) as [
      { 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] },
    ];
    return nodesOf(row['QUERY PLAN'][0].Plan).flatMap((node) => complaintsOf(node, large));
  } finally {
    await runner.rollbackTransaction();
    await runner.release();
  }
}

function complaintsOf(node: PlanNode, large: ReadonlySet<string>): string[] {
  const type = node['Node Type'];
  const table = node['Relation Name'];
  const found: string[] = [];
  if (table !== undefined && large.has(table) && type !== 'Tid Scan') {
    const where = `${type} of ${node['Index Name'] ?? ''} ${table}`;
    if (type === 'Seq Scan') found.push(where);
    else if (rowsOf(node) > MOST_ROWS) found.push(`${where} looks at ${rowsOf(node)} rows`);
  }
  if (/Sort$/.test(type)) {
    const rows = (node.Plans ?? []).reduce((sum, one) => sum + rowsOf(one), 0);
    if (rows > MOST_ROWS) found.push(`${type} of ${rows} rows`);
  }
  return found;
}

function rowsOf(node: PlanNode): number {
  const rows =
    node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0);
  return rows * node['Actual Loops'];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
