import {
  decodeConfigBatch,
  decodeRunBatch,
  type ConfigRecord,
  type RunRecord,
  STREAMS,
  SUBJECTS,
  isConfigSubject,
} from '@signalbox/contracts';
import { decodeOnce, type StreamMessage } from '@signalbox/bus';
import type { FoldTables } from '../fold-transaction.js';
import { jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';
import { evolveRun, type RunView } from './run-state.js';

/**
 * `runs` = fold of `activity.run.>` and `activity.config.*`. One query reads the rows of the batch, one writes them.
 */
export const runsProjection: Projection = {
  name: 'runs',
  owner: 'renderer',
  stream: STREAMS.activity,
  mayWait: ({ subject }) => !isConfigSubject(subject),
  tables: [
    {
      name: 'runs',
      key: ['run_id'],
      record: 'last_seq',
      kept: `t.state not in ('succeeded', 'failed', 'withdrawn', 'skipped')`,
      neededByOthers: `exists (select 1 from parts p where p.run_id = t.run_id and p.state in ('active', 'quarantined'))`,
    },
  ],
  apply: async (batch, tx) => {
    const records = batch.flatMap((message) =>
      recordsOf(message).map((record): Sequenced => ({ record, seq: message.seq })),
    );
    const ids = [...new Set(records.map(({ record }) => runIdOf(record)).filter((id) => id !== undefined))];
    if (ids.length > 0) await foldRuns(records, ids, tx);
  },
};

function recordsOf(message: StreamMessage): readonly (RunRecord | ConfigRecord)[] {
  const { subject } = message;
  if (subject.startsWith(RUN_SUBJECTS)) return decodeRunBatch(message.data).records;
  return isConfigSubject(subject) ? decodeOnce(message, decodeConfigBatch).records : [];
}

const RUN_SUBJECTS = SUBJECTS.allRunActivity.slice(0, -1);

interface Sequenced {
  readonly record: RunRecord | ConfigRecord;
  readonly seq: number;
}

async function foldRuns(
  records: readonly Sequenced[],
  ids: readonly string[],
  tx: FoldTables,
): Promise<void> {
  const rows = await tx.read<{ view: string }>('select view from runs where run_id = any($1::text[])', [ids]);
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
  tx.write(
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
    subscription: view.subscription ?? '',
    plugin: view.plugin,
    group_name: view.group ?? '',
    source: view.source,
    state: view.state,
    fact_ids: view.facts.map(({ id }) => id),
    planned_at: view.plannedAt,
    last_seq: view.lastSeq,
    view: JSON.stringify(view),
  };
}

function runIdOf(record: RunRecord | ConfigRecord): string | undefined {
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
