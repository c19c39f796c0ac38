// Third stage of the bare chain: what plugins proposed becomes rows, one statement per batch, and everybody is told.
import { consumeBatches, runStage } from './stage.mjs';

const RENDER = `
  with rows as (
    select distinct on (api_version, kind, project, name) *
      from jsonb_to_recordset($1::jsonb) as r(
        api_version text, kind text, project text, name text, fact text, body text, seq bigint)
     order by api_version, kind, project, name, seq desc),
  put as (
    insert into bare_effective (api_version, kind, project, name, fact, body, seq)
    select api_version, kind, project, name, fact, body, seq from rows
    on conflict (api_version, kind, project, name) do update
      set fact = excluded.fact, body = excluded.body, seq = excluded.seq where bare_effective.seq < excluded.seq
    returning (xmax = 0) as is_new)
  insert into bare_positions values ('render', $2, (select count(*) from put where is_new))
  on conflict (name) do update set seq = excluded.seq, resources = bare_positions.resources + excluded.resources`;

await runStage(async ({ nc, database, settings }) => {
  await consumeBatches(nc, settings.stream, 'render', async (batch) => {
    const rows = batch.flatMap((message) => {
      const { fact, resources } = JSON.parse(message.string());
      return resources.map((resource) => ({
        api_version: resource.apiVersion,
        kind: resource.kind,
        project: resource.metadata.project ?? 'default',
        name: resource.metadata.name,
        fact,
        body: JSON.stringify(resource),
        seq: message.seq,
      }));
    });
    const last = batch.at(-1).seq;
    await database.query({ name: 'render', text: RENDER, values: [JSON.stringify(rows), last] });
    nc.publish('bare.watermark.render', JSON.stringify({ seq: last }));
  });
});
