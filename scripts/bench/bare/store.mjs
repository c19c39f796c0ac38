// First stage of the bare chain: stores facts in one statement per batch, finds the subscriptions in a Map, sends runs on.
import { consumeBatches, runStage } from './stage.mjs';

const STORE = `
  with stored as (
    insert into bare_facts (id, seq, type, subject, payload, observed_at)
    select id, seq, type, subject, payload, observed_at
      from jsonb_to_recordset($1::jsonb) as r(id text, seq bigint, type text, subject text, payload jsonb, observed_at text)
    on conflict (id) do nothing returning 1)
  insert into bare_positions values ('store', $2, (select count(*) from stored))
  on conflict (name) do update set seq = excluded.seq, resources = bare_positions.resources + excluded.resources`;

await runStage(async ({ nc, database, publisher, settings }) => {
  const { stream, durable, runs, subscriptions = [] } = settings;
  const index = new Map();
  for (const subscription of subscriptions)
    for (const type of subscription.types) index.set(type, [...(index.get(type) ?? []), subscription]);

  await consumeBatches(nc, stream, durable, async (batch) => {
    const facts = batch.map((message) => ({ seq: message.seq, ...JSON.parse(message.string()) }));
    const rows = facts.map(({ id, seq, type, subject, payload, observedAt }) => ({
      ...{ id, seq, type, subject, payload },
      observed_at: observedAt,
    }));
    const last = facts.at(-1).seq;
    await Promise.all([
      database.query({ name: 'store', text: STORE, values: [JSON.stringify(rows), last] }),
      ...facts.flatMap((fact) =>
        (index.get(fact.type) ?? [])
          .filter(({ prefix }) => fact.subject.startsWith(prefix))
          .map(({ name }) => publisher.append(runs, JSON.stringify({ subscription: name, fact }))),
      ),
    ]);
    nc.publish('bare.watermark.store', JSON.stringify({ seq: last }));
  });
});
