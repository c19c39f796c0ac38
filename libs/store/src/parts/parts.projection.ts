import {
  decodeEffectiveRecord,
  decodePartRecord,
  type EffectiveRecord,
  type Part,
  type PartRecord,
  refOf,
  type Resource,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import type { EntityManager } from 'typeorm';
import { jsonRows, parameters } from '../json-rows.js';
import type { Projection } from '../projector.js';

/**
 * `parts`, `effective_resources` and `generations` = fold of `activity.part.>` and `activity.effective`.
 * A renewal whose content is the same makes no new generation, but its annotations replace those of the
 * resources that the part holds, so that `render` always names the newest fact.
 */
export const partsProjection: Projection = {
  name: 'parts',
  owner: 'renderer',
  stream: STREAMS.activity,
  tables: [
    { name: 'parts', key: ['source', 'generation'] },
    { name: 'effective_resources', key: ['api_version', 'kind', 'project', 'name'] },
    { name: 'generations', key: ['generation'] },
  ],
  apply: async (batch, tx) => {
    for (const { subject, seq, data } of batch) {
      if (subject === SUBJECTS.effective) await applyEffective(decodeEffectiveRecord(data), tx);
      else if (subject.startsWith('activity.part.')) await applyPart(decodePartRecord(data), seq, tx);
    }
  },
};

async function applyPart(record: PartRecord, seq: number, tx: EntityManager): Promise<void> {
  if (record.type === 'rejected') return;
  if (record.type === 'accepted') return accept(record.part, record.supersedes, seq, record.at, tx);
  const [state, reason] = record.type === 'restored' ? ['active', null] : [record.type, record.reason];
  await tx.query(
    'update parts set state = $3, reason = $4, updated_at = $5 where source = $1 and generation = $2',
    parameters(record.source, record.generation, state, reason, record.at),
  );
}

async function accept(
  part: Part,
  supersedes: readonly { source: string; generation: number }[],
  seq: number,
  at: string,
  tx: EntityManager,
): Promise<void> {
  await tx.query(
    `update parts set state = 'superseded', updated_at = $3
      where state in ('active', 'quarantined')
        and ((source = $1 and generation < $2)
          or (source, generation) in (select source, generation from jsonb_to_recordset($4::jsonb) as r(source text, generation integer)))`,
    parameters(part.source, part.generation, at, jsonRows(supersedes)),
  );
  await tx.query(
    `insert into parts values ($1, $2, $3, 'active', null, $4, $5, $6, $6, $7, $8) on conflict (source, generation) do nothing`,
    parameters(
      part.source,
      part.generation,
      part.owner,
      part.runId,
      seq,
      at,
      part.expiresAt,
      JSON.stringify(part),
    ),
  );
  await tx.query(
    `update effective_resources e set body = r.body, part_generation = $3
       from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text, body text)
      where (e.api_version, e.kind, e.project, e.name) = (r.api_version, r.kind, r.project, r.name)
        and e.part_source = $2`,
    parameters(jsonRows(part.resources.map(resourceRow)), part.source, part.generation),
  );
}

async function applyEffective(record: EffectiveRecord, tx: EntityManager): Promise<void> {
  const { generation, at, cause, revision, digest } = record;
  if (record.removed.length > 0) {
    await tx.query(
      `delete from effective_resources e
        using jsonb_to_recordset($1::jsonb) as r("apiVersion" text, kind text, project text, name text)
        where (e.api_version, e.kind, e.project, e.name) = (r."apiVersion", r.kind, r.project, r.name)`,
      [jsonRows(record.removed)],
    );
  }
  const put = [...record.added, ...record.changed].map((entry) => ({
    ...resourceRow(entry.resource),
    part_source: entry.part?.source ?? null,
    part_generation: entry.part?.generation ?? null,
    revision: entry.revision ?? null,
    generation,
  }));
  if (put.length > 0) {
    await tx.query(
      `insert into effective_resources
         (api_version, kind, project, name, part_source, part_generation, revision, generation, body)
       select api_version, kind, project, name, part_source, part_generation, revision, generation, body
         from jsonb_to_recordset($1::jsonb) as r(api_version text, kind text, project text, name text,
           part_source text, part_generation integer, revision bigint, generation integer, body text)
       on conflict (api_version, kind, project, name) do update set part_source = excluded.part_source,
         part_generation = excluded.part_generation, revision = excluded.revision,
         generation = excluded.generation, body = excluded.body`,
      [jsonRows(put)],
    );
  }
  await tx.query(
    `insert into generations values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (generation) do update set at = excluded.at, digest = excluded.digest, resources = excluded.resources,
       added = generations.added + excluded.added, changed = generations.changed + excluded.changed,
       removed = generations.removed + excluded.removed`,
    parameters(
      generation,
      at,
      cause.stream,
      cause.seq,
      revision,
      digest,
      record.resources,
      record.added.length,
      record.changed.length,
      record.removed.length,
      JSON.stringify(record.quarantined),
    ),
  );
}

function resourceRow(resource: Resource): Record<string, string> {
  const { apiVersion, kind, project, name } = refOf(resource);
  return { api_version: apiVersion, kind, project, name, body: JSON.stringify(resource) };
}
