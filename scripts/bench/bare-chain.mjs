// The bare chain: the stages of ours as processes of their own, with the clients of NATS and Postgres and nothing else.
import { startChild } from './child.mjs';
import { connectNats, connectPostgres } from './site.mjs';

export const BARE_SUBJECTS = { facts: 'bare.facts', runs: 'bare.runs', results: 'bare.results' };
const STREAMS = { BARE_FACTS: 'facts', BARE_RUNS: 'runs', BARE_RESULTS: 'results' };

const TABLES = `
  create table bare_facts (
    id text primary key, seq bigint not null, type text not null, subject text not null, payload jsonb not null,
    observed_at text not null);
  create index bare_facts_by_type on bare_facts (type, seq);
  create table bare_effective (
    api_version text not null, kind text not null, project text not null, name text not null, fact text not null,
    body text not null, seq bigint not null, primary key (api_version, kind, project, name));
  create table bare_positions (name text primary key, seq bigint not null, resources bigint not null)`;

/**
 * Makes streams and tables, and starts the stages.
 *
 * @param {{ natsUrl: string, databaseUrl: string, seedFile?: string }} servers
 * @param {{ executable: string, subscriptions: object[] }} work without it facts are stored and nothing follows
 */
export async function startBareChain(servers, work) {
  await makePlace(servers);
  const { natsUrl, databaseUrl, seedFile } = servers;
  const to = { natsUrl, databaseUrl, seedFile };
  const stages = [
    ['store', { ...to, stream: 'BARE_FACTS', durable: 'store', runs: BARE_SUBJECTS.runs, ...work }],
    ...(work
      ? [
          ['plugin', { ...to, stream: 'BARE_RUNS', results: BARE_SUBJECTS.results, ...work }],
          ['render', { ...to, stream: 'BARE_RESULTS' }],
        ]
      : []),
  ];
  const children = await Promise.all(
    stages.map(async ([name, settings]) => [name, await startChild(`bare/${name}.mjs`, settings)]),
  );
  return {
    roots: children.map(([name, { pid }]) => ({ pid, label: `bare ${name}`, below: 'plugins' })),
    stop: () => Promise.all(children.map(([, child]) => child.stop())),
  };
}

async function makePlace(servers) {
  const nc = await connectNats(servers);
  const manager = await nc.jetstreamManager();
  for (const [name, subject] of Object.entries(STREAMS))
    await manager.streams.add({ name, subjects: [BARE_SUBJECTS[subject]] });
  await nc.close();
  const database = await connectPostgres(servers.databaseUrl);
  await database.query(TABLES);
  await database.end();
}
