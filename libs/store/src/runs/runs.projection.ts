import {
  decodePartRecord,
  decodeRunRecord,
  lineageOf,
  type PartRecord,
  type RunRecord,
  sha256Hex,
  STREAMS,
} from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import { jsonRows, lastPerKey } from '../json-rows.js';
import type { Projection } from '../projector.js';
import { evolveRun, type RunView } from './run-state.js';

/** Key of a lineage in `matches`. */
export function matchKey(lineage: string): string {
  return sha256Hex(lineage).slice(0, 32);
}

/**
 * `runs` = fold of `activity.run.>` and `activity.part.>`; `matches.planned_seq` = max over planned and skipped facts.
 * One query reads the rows of the batch, one writes them.
 */
export const runsProjection: Projection = {
  name: 'runs',
  owner: 'matcher',
  stream: STREAMS.activity,
  tables: [{ name: 'runs', key: ['run_id'] }],
  alsoWrites: ['matches'],
  apply: async (batch, tx) => {
    const records = batch.flatMap(({ subject, data, seq }): Sequenced[] => {
      if (subject.startsWith('activity.run.')) return [{ record: decodeRunRecord(data), seq }];
      if (subject.startsWith('activity.part.')) return [{ record: decodePartRecord(data), seq }];
      return [];
    });
    const ids = [...new Set(records.map(({ record }) => runIdOf(record)).filter((id) => id !== undefined))];
    if (ids.length > 0) await foldRuns(records, ids, tx);
    await foldPlanned(
      records.map(({ record }) => record),
      tx,
    );
  },
  reset: async (tx) => {
    await tx.query('update matches set planned_seq = 0, planned_revision = 0');
  },
};

interface Sequenced {
  readonly record: RunRecord | PartRecord;
  readonly seq: number;
}

async function foldRuns(
  records: readonly Sequenced[],
  ids: readonly string[],
  tx: EntityManager,
): Promise<void> {
  const rows = await tx.query<{ view: string }[]>('select view from runs where run_id = any($1::text[])', [
    ids,
  ]);
  const views = new Map(
    rows.map(({ view }) => JSON.parse(view) as RunView).map((view) => [view.runId, view]),
  );
  const touched = new Set<string>();
  for (const { record, seq } of records) {
    const runId = runIdOf(record);
    if (runId === undefined) continue;
    const before = views.get(runId);
    const after = evolveRun(before, record, seq);
    if (!after || after === before) continue;
    views.set(runId, after);
    touched.add(runId);
  }
  const changed = [...touched].map((runId) => rowOf(views.get(runId)!));
  await tx.query(
    `insert into runs (run_id, subscription, plugin, group_name, source, state, fact_ids, planned_at, last_seq, view)
     select run_id, subscription, plugin, group_name, source, state, fact_ids, planned_at, last_seq, view
       from jsonb_to_recordset($1::jsonb) as r(run_id text, subscription text, plugin text, group_name text,
         source text, state text, fact_ids text[], planned_at text, last_seq bigint, view text)
     on conflict (run_id) do update set state = excluded.state, last_seq = excluded.last_seq, view = excluded.view`,
    [jsonRows(changed)],
  );
}

function rowOf(view: RunView): Record<string, unknown> {
  return {
    run_id: view.runId,
    subscription: view.subscription,
    plugin: view.plugin,
    group_name: view.group,
    source: view.source,
    state: view.state,
    fact_ids: view.facts.map(({ id }) => id),
    planned_at: view.plannedAt,
    last_seq: view.lastSeq,
    view: JSON.stringify(view),
  };
}

async function foldPlanned(records: readonly (RunRecord | PartRecord)[], tx: EntityManager): Promise<void> {
  const rows = records.flatMap((record) => {
    const order = record.type === 'planned' ? record : record.type === 'ended' ? record.order : undefined;
    if (!order) return [];
    return order.facts.map(({ seq, origin, factKey }) => ({
      subscription: order.subscription,
      group_name: order.group,
      lineage: matchKey(lineageOf(origin, factKey)),
      planned_seq: seq,
      planned_revision: order.revision,
    }));
  });
  if (rows.length === 0) return;
  const newest = lastPerKey(
    rows.sort((a, b) => a.planned_seq - b.planned_seq || a.planned_revision - b.planned_revision),
    (row) => `${row.subscription}\0${row.group_name}\0${row.lineage}`,
  );
  await tx.query(
    `insert into matches (subscription, lineage, group_name, matched_seq, matched_revision, planned_seq, planned_revision)
     select subscription, lineage, group_name, 0, 0, planned_seq, planned_revision
       from jsonb_to_recordset($1::jsonb) as r(subscription text, lineage text, group_name text,
         planned_seq bigint, planned_revision bigint)
     on conflict (subscription, group_name, lineage) do update
       set planned_seq = excluded.planned_seq, planned_revision = excluded.planned_revision
       where (matches.planned_seq, matches.planned_revision) < (excluded.planned_seq, excluded.planned_revision)`,
    [jsonRows(newest)],
  );
}

function runIdOf(record: RunRecord | PartRecord): string | undefined {
  switch (record.type) {
    case 'planned':
    case 'started':
    case 'rejected':
      return record.runId;
    case 'ended':
      return record.order.runId;
    case 'accepted':
      return record.part.runId;
    default:
      return undefined;
  }
}
