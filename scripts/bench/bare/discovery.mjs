// What a storm of endpoints costs at least: one message with a Backend and a PoolMember for each, written to NATS, read and parsed, and
// its resources put into a table by one statement. Nothing is decided, probed or weighed.
import { nuid } from 'nats';
import { AckedPublisher } from '../acked-publisher.mjs';
import { answer } from '../alone/domain-of.mjs';
import { connectNats, connectPostgres } from '../site.mjs';

const STREAM = 'BARE_DISCOVERY';
const SUBJECT = 'bare.discovery';

const settings = JSON.parse(process.argv[2]);
const nats = await connectNats(settings);
const database = await connectPostgres(settings.databaseUrl);
const publisher = new AckedPublisher(nats);
const manager = await nats.jetstreamManager();
await manager.streams.add({ name: STREAM, subjects: [SUBJECT], max_msgs_per_subject: 1 });
await database.query('create table if not exists bare_discovery (name text primary key, body text not null)');

answer(async ({ endpoints, storm }) => {
  const began = performance.now();
  const resources = Array.from({ length: endpoints }, (_, n) => {
    const address = `10.${storm}.${n >> 8}.${n & 255}`;
    const name = `k8s-${address}:8080`;
    return [
      resource('Backend', name, { address, port: 8080 }),
      resource('PoolMember', `pool/web/${name}`, { poolRef: 'web', backendRef: name, weight: 100 }),
    ];
  }).flat();
  await publisher.append(SUBJECT, JSON.stringify({ id: nuid.next(), resources }));
  const { data } = await manager.streams.getMessage(STREAM, { last_by_subj: SUBJECT });
  const read = JSON.parse(Buffer.from(data).toString());
  const rows = read.resources.map((one) => ({
    name: `${one.kind} ${one.metadata.name}`,
    body: JSON.stringify(one),
  }));
  await database.query(
    `insert into bare_discovery select name, body from jsonb_to_recordset($1::jsonb) as r(name text, body text)
     on conflict (name) do update set body = excluded.body`,
    [JSON.stringify(rows)],
  );
  return { ms: performance.now() - began };
});

function resource(kind, name, spec) {
  return { apiVersion: 'balance.signalbox.dev/v1alpha1', kind, metadata: { name }, spec };
}
