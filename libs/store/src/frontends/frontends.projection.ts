import { decodeFrontendRecord, type FrontendRecord, STREAMS, SUBJECTS } from '@signalbox/contracts';
import type { FoldTables } from '../fold-transaction.js';
import { inRounds, jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';

type Sequenced = FrontendRecord & { readonly seq: number };

/** `frontends` and `frontend_targets` = fold of `activity.frontend.>`; a removed frontend leaves no rows. */
export const frontendsProjection: Projection = {
  name: 'frontends',
  owner: 'balancer',
  stream: STREAMS.activity,
  filter: SUBJECTS.allFrontendActivity,
  tables: [
    { name: 'frontends', key: ['name'] },
    { name: 'frontend_targets', key: ['frontend', 'pool', 'backend'] },
  ],
  apply: async (batch, tx) => {
    const records = batch.map(({ data, seq }): Sequenced => ({ ...decodeFrontendRecord(data), seq }));
    for (const round of inRounds(records, ({ frontend }) => frontend)) await fold(round, tx);
  },
};

/** Records of distinct frontends. */
async function fold(records: readonly Sequenced[], tx: FoldTables): Promise<void> {
  const removed = records.filter(({ to }) => to === 'removed').map(({ frontend }) => frontend);
  if (removed.length > 0) {
    tx.write('delete from frontends where name = any($1)', [removed]);
    tx.write('delete from frontend_targets where frontend = any($1)', [removed]);
  }
  const standing = records.filter(({ to }) => to !== 'removed');
  tx.write(
    `insert into frontends
     select r.frontend, r.version, r.seq, r."to", r.at, r.at, r."activePool"
       from jsonb_to_recordset($1::jsonb) as r(frontend text, version bigint, seq bigint, "to" text, at text,
         "activePool" text)
     on conflict (name) do update set version = excluded.version, seq = excluded.seq, state = excluded.state,
       since = case when frontends.state = excluded.state then frontends.since else excluded.since end,
       at = excluded.at, active_pool = excluded.active_pool`,
    [jsonRows(standing)],
  );
  const gone = standing.flatMap(({ frontend, gone: left }) => left.map((one) => ({ frontend, ...one })));
  if (gone.length > 0) {
    tx.write(
      `delete from frontend_targets t using jsonb_to_recordset($1::jsonb) as r(frontend text, pool text, backend text)
        where (t.frontend, t.pool, t.backend) = (r.frontend, r.pool, r.backend)`,
      [jsonRows(gone)],
    );
  }
  const targets = standing.flatMap(({ frontend, seq, at, targets: changed }) =>
    changed.map(({ why, ...target }) => ({
      ...target,
      frontend,
      seq,
      at,
      address: target.address ?? null,
      port: target.port ?? null,
      rule: why.rule,
      why: why.text,
      until: why.until ?? null,
    })),
  );
  if (targets.length === 0) return;
  tx.write(
    `insert into frontend_targets
     select r.frontend, r.pool, r.backend, r.seq, r.at, r.address, r.weight, r.effective, r.flush, r.rule, r.why,
            r.until, r.port
       from jsonb_to_recordset($1::jsonb) as r(frontend text, pool text, backend text, seq bigint, at text,
         address text, weight integer, effective integer, flush boolean, rule text, why text, until text,
         port integer)
     on conflict (frontend, pool, backend) do update set seq = excluded.seq, since = excluded.since,
       address = excluded.address, weight = excluded.weight, effective = excluded.effective, flush = excluded.flush,
       rule = excluded.rule, why = excluded.why, until = excluded.until, port = excluded.port`,
    [jsonRows(targets)],
  );
}
