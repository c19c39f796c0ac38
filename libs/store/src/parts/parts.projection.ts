import {
  type ConfigRecord,
  decodeConfigBatch,
  STREAMS,
  SUBJECTS,
  isConfigSubject,
} from '@signalbox/contracts';
import type { FoldTables } from '../fold-transaction.js';
import { decodeOnce } from '@signalbox/bus';
import { jsonRows } from '../json-rows.js';
import type { Projection } from '../projection.js';
import { type KnownPart, namedParts, PartsFold } from './parts-fold.js';

/**
 * `parts`, `effective_resources`, `generations` and `effective_versions` = fold of `activity.config.*`.
 * A renewal whose content is the same makes no new generation, but its annotations replace those of the
 * resources that the part holds, so that `render` always names the newest fact.
 */
export const partsProjection: Projection = {
  name: 'parts',
  owner: 'renderer',
  stream: STREAMS.activity,
  filter: SUBJECTS.allConfig,
  mayWait: ({ subject }) => !isConfigSubject(subject),
  tables: [
    {
      name: 'parts',
      key: ['source', 'generation'],
      record: 'last_seq',
      kept: `t.state in ('active', 'quarantined')`,
    },
    { name: 'effective_resources', key: ['api_version', 'kind', 'project', 'name'] },
    {
      name: 'generations',
      key: ['generation'],
      record: 'seq',
      needed: `t.generation in ((select max(generation) from generations),
                                (select max(generation) from generations where seq <= $1))`,
    },
    // behind generations: while one is there, so are its resources
    {
      name: 'effective_versions',
      key: ['api_version', 'kind', 'project', 'name', 'from_generation'],
      record: 'last_seq',
      kept: 't.to_generation is null',
      foldedBy: ['effective_versions_open'],
      restoredBy: `
        insert into effective_versions (api_version, kind, project, name, from_generation, part_source, part_generation,
                                        revision, last_seq, body)
        select e.api_version, e.kind, e.project, e.name, g.generation, e.part_source, e.part_generation, e.revision, g.seq,
               e.body
          from effective_resources e, (select generation, seq from generations order by generation desc limit 1) g
         where not exists (select 1 from effective_versions)`,
    },
  ],
  apply: async (batch, tx) => {
    const messages = batch
      .filter(({ subject }) => isConfigSubject(subject))
      .map((message) => ({ seq: message.seq, records: decodeOnce(message, decodeConfigBatch).records }));
    const fold = new PartsFold(
      await knownParts(
        messages.flatMap(({ records }) => records),
        tx,
      ),
    );
    for (const { seq, records } of messages) for (const record of records) fold.fold(record, seq);
    await writeParts(fold, tx);
    await writeResources(fold, tx);
    writeVersions(fold, tx);
    await writeGenerations(fold, tx);
  },
};

async function knownParts(records: readonly ConfigRecord[], tx: FoldTables): Promise<KnownPart[]> {
  const { refs, sources } = namedParts(records);
  if (refs.length === 0) return [];
  return tx.read<KnownPart>(
    `select source, generation, state, reason from parts
      where source = any($1::text[]) and state in ('active', 'quarantined')
     union
     select p.source, p.generation, p.state, p.reason from parts p
       join jsonb_to_recordset($2::jsonb) as r(source text, generation integer)
         on (p.source, p.generation) = (r.source, r.generation)`,
    [sources, jsonRows(refs)],
  );
}

async function writeParts(fold: PartsFold, tx: FoldTables): Promise<void> {
  const { newParts, changedParts } = fold;
  if (newParts.length > 0) {
    const rows = newParts.map(({ part, seq, lastSeq, acceptedAt, state, reason, at }) => ({
      source: part.source,
      generation: part.generation,
      owner: part.owner,
      state,
      reason,
      run_id: part.runId,
      accepted_seq: seq,
      last_seq: lastSeq,
      created_at: acceptedAt,
      updated_at: at,
      expires_at: part.expiresAt ?? null,
      directives: part.directives.length,
      body: JSON.stringify(part),
    }));
    tx.write(
      `insert into parts (source, generation, owner, state, reason, run_id, accepted_seq, last_seq, created_at,
                          updated_at, expires_at, directives, body)
       select source, generation, owner, state, reason, run_id, accepted_seq, last_seq, created_at, updated_at,
              expires_at, directives, body
         from jsonb_to_recordset($1::jsonb) as r(source text, generation integer, owner text, state text, reason text,
           run_id text, accepted_seq bigint, last_seq bigint, created_at text, updated_at text, expires_at text,
           directives integer, body text)`,
      [jsonRows(rows)],
    );
  }
  if (changedParts.length > 0) {
    const rows = changedParts.map(({ source, generation, state, reason, at, lastSeq }) => ({
      source,
      generation,
      state,
      reason,
      at,
      last_seq: lastSeq,
    }));
    tx.write(
      `update parts p set state = r.state, reason = r.reason, updated_at = r.at, last_seq = r.last_seq
         from jsonb_to_recordset($1::jsonb) as r(source text, generation integer, state text, reason text, at text,
           last_seq bigint)
        where (p.source, p.generation) = (r.source, r.generation)`,
      [jsonRows(rows)],
    );
  }
}

async function writeResources(fold: PartsFold, tx: FoldTables): Promise<void> {
  const { renewedResources, removedResources, putResources } = fold;
  if (renewedResources.length > 0)
    tx.write(
      `update effective_resources e set body = r.body, part_generation = r.part_generation
         from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text,
           part_source text, part_generation integer, body text)
        where (e.api_version, e.kind, e.project, e.name) = (r.api_version, r.kind, r.project, r.name)
          and e.part_source = r.part_source`,
      [jsonRows(renewedResources)],
    );
  if (removedResources.length > 0)
    tx.write(
      `delete from effective_resources e
        using jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text)
        where (e.api_version, e.kind, e.project, e.name) = (r.api_version, r.kind, r.project, r.name)`,
      [jsonRows(removedResources)],
    );
  if (putResources.length > 0)
    tx.write(
      `insert into effective_resources
         (api_version, kind, project, name, part_source, part_generation, revision, generation, body)
       select api_version, kind, project, name, part_source, part_generation, revision, generation, body
         from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text,
           part_source text, part_generation integer, revision bigint, generation integer, body text)
       on conflict (api_version, kind, project, name) do update set part_source = excluded.part_source,
         part_generation = excluded.part_generation, revision = excluded.revision,
         generation = excluded.generation, body = excluded.body`,
      [jsonRows(putResources)],
    );
}

function writeVersions({ endedVersions, begunVersions }: PartsFold, tx: FoldTables): void {
  if (endedVersions.length > 0)
    tx.write(
      `update effective_versions v
          set to_generation = greatest(v.from_generation, r.to_generation), last_seq = r.last_seq
         from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text,
           to_generation integer, last_seq bigint)
        where (v.api_version, v.kind, v.project, v.name) = (r.api_version, r.kind, r.project, r.name)
          and v.to_generation is null`,
      [jsonRows(endedVersions)],
    );
  if (begunVersions.length > 0)
    tx.write(
      `insert into effective_versions (api_version, kind, project, name, from_generation, to_generation, part_source,
                                       part_generation, revision, last_seq, body)
       select api_version, kind, project, name, from_generation, to_generation, part_source, part_generation, revision,
              last_seq, body
         from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text,
           from_generation integer, to_generation integer, part_source text, part_generation integer, revision bigint,
           last_seq bigint, body text)
       on conflict (api_version, kind, project, name, from_generation) do update
         set to_generation = excluded.to_generation, part_source = excluded.part_source,
             part_generation = excluded.part_generation, revision = excluded.revision, last_seq = excluded.last_seq,
             body = excluded.body`,
      [jsonRows(begunVersions)],
    );
}

async function writeGenerations(fold: PartsFold, tx: FoldTables): Promise<void> {
  const { generations } = fold;
  if (generations.length === 0) return;
  tx.write(
    `insert into generations (generation, seq, at, since, complete, cause_stream, cause_seq, revision, digest, resources,
                              added, changed, removed, quarantined, suppressed)
     select generation, seq, at, greatest(since, (select max(since) from generations)), complete, cause_stream,
            cause_seq, revision, digest, resources, added, changed, removed, quarantined, suppressed
       from jsonb_to_recordset($1::jsonb) as r(generation integer, seq bigint, at text, since text, complete boolean,
         cause_stream text, cause_seq bigint, revision bigint, digest text, resources integer, added integer, changed integer,
         removed integer, quarantined text, suppressed text)
     on conflict (generation) do update set seq = excluded.seq, at = excluded.at, since = excluded.since,
       complete = excluded.complete, digest = excluded.digest, resources = excluded.resources,
       added = generations.added + excluded.added, changed = generations.changed + excluded.changed,
       removed = generations.removed + excluded.removed`,
    [jsonRows(generations)],
  );
}
