import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  factsStream,
  formatTime,
  lineageOf,
  type RunOrder,
  type Part,
  STREAMS,
  timestampMs,
} from '@signalbox/contracts';
import {
  horizonOf,
  jsonRows,
  lineageColumn,
  loadPosition,
  MATCHES,
  partsProjection,
  type Position,
  runsProjection,
  restoreSnapshot,
  orderOfView,
  type RunView,
  savePosition,
  type Snapshotted,
  streamCreated,
  untilRestored,
} from '@signalbox/store';
import { DataSource, type EntityManager } from 'typeorm';
import type { PendingChanges, PendingFact, PendingKey } from './domain/pending-ledger.js';
import type { PendingWithdrawal, WithdrawalChanges } from './domain/pending-withdrawals.js';
import type { PlannerSnapshot } from './domain/planner-snapshot.js';
import type { MatchedFact } from './domain/run-order.js';

/** Where the matcher starts. */
export interface MatcherState {
  readonly planner: PlannerSnapshot;
  /** In the effective config or held back. */
  readonly parts: readonly Part[];
  /** What was retracted and stands for its grace. */
  readonly withdrawals: readonly PendingWithdrawal[];
  /** Of the effective config, 0 when there is none yet. */
  readonly generation: number;
  /** What stands behind it in ACTIVITY is folded on top. */
  readonly activitySeq: number;
  /** Creation time of ACTIVITY. */
  readonly activityCreated: string;
}

/** How far the matcher is in the streams, by their names, and what it has pending there. */
export interface Checkpoint {
  readonly positions: ReadonlyMap<string, Position>;
  readonly pending: PendingChanges;
  readonly withdrawals: WithdrawalChanges;
}

/**
 * What a snapshot holds of the matcher: where it stands in the facts of every group and what is pending there. Without it, facts
 * that have led to something would lead to it again when the database is lost and the records of that are gone.
 */
export const MATCHER_STATE: Snapshotted = {
  name: MATCHES,
  tables: [
    { name: 'pending_facts', key: ['subscription', 'group_name', 'lineage'] },
    { name: 'pending_withdrawals', key: ['subscription', 'group_name', 'lineage'] },
    { name: 'positions', key: ['projection', 'stream'], only: { column: 'projection', value: MATCHES } },
  ],
};

const UNFINISHED = ['waiting', 'queued', 'running', 'retrying', 'proposed'];

/** Reads and writes what the matcher has to know beyond the streams. */
@Injectable()
export class MatchStore {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
  ) {}

  /** Pending facts and unfinished runs. */
  async load(): Promise<MatcherState> {
    const activityCreated = await streamCreated(this.bus, STREAMS.activity);
    await this.restoreIfLost(activityCreated);
    for (const { name } of [runsProjection, partsProjection])
      await untilRestored(this.bus, this.dataSource, name);
    return this.dataSource.transaction('REPEATABLE READ', async (tx) => {
      const positions: number[] = [];
      for (const name of [runsProjection.name, partsProjection.name, MATCHES])
        positions.push(await loadPosition(tx, name, STREAMS.activity, activityCreated));
      const parts = await tx.query<{ body: string }[]>(
        `select body from parts where state in ('active', 'quarantined') order by accepted_seq, source`,
      );
      const newest = await tx.query<{ generation: number }[]>(
        'select coalesce(max(generation), 0) as generation from generations',
      );
      const rows = await tx.query<PendingRow[]>(
        `select subscription, group_name as "group", revision, matched, since_seq as "sinceSeq", since_ms as "sinceMs"
           from pending_facts`,
      );
      const withdrawals = await tx.query<{ body: string }[]>('select body from pending_withdrawals');
      const runs = await tx.query<{ view: string }[]>('select view from runs where state = any($1::text[])', [
        UNFINISHED,
      ]);
      const ended = await tx.query<{ view: string }[]>(
        `select view from runs where last_seq > $1 and not (state = any($2::text[]))
           and (cardinality(fact_ids) > 1 or (view::jsonb -> 'halving') is not null)`,
        [Math.min(...positions), UNFINISHED],
      );
      return {
        planner: {
          pending: rows.map(pendingFact),
          runs: runs.flatMap(({ view }) => unfinished(JSON.parse(view) as RunView)),
          ended: ended.flatMap(({ view }) => ofSubscription(JSON.parse(view) as RunView)),
        },
        parts: parts.map(({ body }) => JSON.parse(body) as Part),
        withdrawals: withdrawals.map(({ body }) => JSON.parse(body) as PendingWithdrawal),
        generation: newest[0]!.generation,
        activitySeq: Math.min(...positions),
        activityCreated,
      };
    });
  }

  /** After the database was lost: from the newest snapshot, where the records of what was planned are gone. */
  private async restoreIfLost(created: string): Promise<void> {
    const horizon = await horizonOf(this.bus);
    if (horizon === 0) return;
    await this.dataSource.transaction(async (tx) => {
      if ((await loadPosition(tx, MATCHES, STREAMS.activity, created)) >= horizon) return;
      await tx.query('delete from pending_facts');
      await tx.query('delete from pending_withdrawals');
      await tx.query('delete from positions where projection = $1', [MATCHES]);
      const seq = await restoreSnapshot(this.bus, tx, MATCHER_STATE);
      await savePosition(tx, MATCHES, STREAMS.activity, { seq, streamCreated: created });
    });
  }

  /** How far the facts of a group have been matched. */
  async positionOf(group: string): Promise<{ seq: number; created: string }> {
    const created = await streamCreated(this.bus, factsStream(group));
    return {
      seq: await loadPosition(this.dataSource.manager, MATCHES, factsStream(group), created),
      created,
    };
  }

  /** Writes positions and what is pending at them, in one transaction. */
  async save({ positions, pending, withdrawals }: Checkpoint): Promise<void> {
    await this.dataSource.transaction(async (tx) => {
      if (pending.gone.length > 0) await remove('pending_facts', pending.gone, tx);
      if (pending.put.length > 0) await write(pending.put, tx);
      if (withdrawals.gone.length > 0) await remove('pending_withdrawals', withdrawals.gone, tx);
      if (withdrawals.put.length > 0) await writeWithdrawals(withdrawals.put, tx);
      for (const [stream, position] of positions) await savePosition(tx, MATCHES, stream, position);
    });
  }
}

async function remove(
  table: 'pending_facts' | 'pending_withdrawals',
  gone: readonly PendingKey[],
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `delete from ${table} p
      using jsonb_to_recordset($1::jsonb) as r(subscription text, group_name text, lineage text)
      where (p.subscription, p.group_name, p.lineage) = (r.subscription, r.group_name, r.lineage)`,
    [jsonRows(gone.map(keyColumns))],
  );
}

async function write(put: readonly PendingFact[], tx: EntityManager): Promise<void> {
  const rows = put.map((fact) => ({
    ...keyColumns(fact),
    seq: fact.matched.fact.seq,
    revision: fact.revision,
    matched: JSON.stringify(fact.matched),
    since_seq: fact.since?.seq,
    since_ms: fact.since?.atMs,
  }));
  await tx.query(
    `insert into pending_facts (subscription, group_name, lineage, seq, revision, matched, since_seq, since_ms)
     select subscription, group_name, lineage, seq, revision, matched, since_seq, since_ms
       from jsonb_to_recordset($1::jsonb) as r(subscription text, group_name text, lineage text, seq bigint,
         revision bigint, matched text, since_seq bigint, since_ms double precision)
     on conflict (subscription, group_name, lineage) do update
       set seq = excluded.seq, revision = excluded.revision, matched = excluded.matched,
           since_seq = excluded.since_seq, since_ms = excluded.since_ms`,
    [jsonRows(rows)],
  );
}

async function writeWithdrawals(put: readonly PendingWithdrawal[], tx: EntityManager): Promise<void> {
  const rows = put.map((one) => ({
    ...keyColumns(one),
    due_at: formatTime(one.dueMs),
    reason: one.reason,
    body: JSON.stringify(one),
  }));
  await tx.query(
    `insert into pending_withdrawals (subscription, group_name, lineage, due_at, reason, body)
     select subscription, group_name, lineage, due_at, reason, body
       from jsonb_to_recordset($1::jsonb) as r(subscription text, group_name text, lineage text, due_at text,
         reason text, body text)
     on conflict (subscription, group_name, lineage) do update
       set due_at = excluded.due_at, reason = excluded.reason, body = excluded.body`,
    [jsonRows(rows)],
  );
}

/** The lineage is hashed: origin and fact key together may be longer than an index entry. */
function keyColumns({ subscription, group, lineage }: PendingKey): object {
  return { subscription, group_name: group, lineage: lineageColumn(lineage) };
}

interface PendingRow {
  readonly subscription: string;
  readonly group: string;
  readonly revision: number;
  readonly matched: string;
  /** Both null in a row that an older version wrote. */
  readonly sinceSeq: number | null;
  readonly sinceMs: number | null;
}

function pendingFact({ matched: text, sinceSeq, sinceMs, ...row }: PendingRow): PendingFact {
  const matched = JSON.parse(text) as MatchedFact;
  return {
    ...row,
    matched,
    lineage: lineageOf(matched.fact.origin, matched.fact.factKey),
    ...(sinceSeq !== null && { since: { seq: sinceSeq, ...(sinceMs !== null && { atMs: sinceMs }) } }),
  };
}

/** The order of a run; those that no subscription starts are not ours. */
function ofSubscription(view: RunView): RunOrder[] {
  const order = orderOfView(view);
  return order.trigger === undefined ? [order] : [];
}

function unfinished(view: RunView): PlannerSnapshot['runs'] {
  const due = view.retryAt !== undefined && { retryAtMs: timestampMs(view.retryAt) };
  return ofSubscription(view).map((order) => ({ order, state: view.state, ...due }));
}
