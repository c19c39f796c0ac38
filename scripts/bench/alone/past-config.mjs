// The config of a past moment by the reading of the API's, beside one read of as many rows by an index.
import { answer, built } from './domain-of.mjs';

const { configAt, createDataSource, migrate } = await built('libs/store/src/index.js');

const { url, versions, resources } = JSON.parse(process.argv[2]);
/** Each generation changes so many. */
const CHANGES = 100;
const source = createDataSource(url);
await source.initialize();
await migrate(source);
const generations = await fill();
let asked = 0;

const WAYS = {
  bare: async () => {
    const [{ text }] = await source.query(
      `select string_agg(body, ',' order by api_version collate "C", kind collate "C", project collate "C", name collate "C") as text
         from bench_rows where batch = $1`,
      [asked % 2],
    );
    return text;
  },
  generation: async () => read({ generation: someGeneration() }),
  time: async () => read({ time: timeOf(someGeneration()) }),
};

answer(
  async ({ way, seconds }) => {
    for (let n = 0; n < 5; n += 1) await WAYS[way]();
    const times = [];
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      const began = performance.now();
      const text = await WAYS[way]();
      times.push(performance.now() - began);
      if (text === undefined || text === null || text.length < resources * 100)
        throw new Error(`the read of ${way} found ${text?.length} characters`);
    }
    return { times: times.sort((a, b) => a - b) };
  },
  () => source.destroy(),
);

async function read(moment) {
  const past = await source.transaction('REPEATABLE READ', (tx) => configAt(tx, moment));
  return past?.text;
}

/** From the middle of the history on, never the same twice in a row. */
function someGeneration() {
  asked += 1;
  return Math.floor(generations / 2) + ((asked * 7) % Math.floor(generations / 4));
}

function timeOf(generation) {
  return new Date(Date.UTC(2026, 0, 1) + generation * 1000).toISOString();
}

/** As {@link timeOf}, of a column. */
function textOf(generation) {
  return `to_char(timestamp '2026-01-01' + ${generation} * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** All resources in the first generation; then each changes again and again, some in each generation. */
async function fill() {
  await source.query('truncate effective_versions, generations, parts');
  const rounds = versions / resources - 1;
  const last = 1 + (rounds * resources) / CHANGES;
  // the n-th change is of resource n % resources, in generation 2 + n / CHANGES
  const began = (round) =>
    `case when ${round} = 0 then 1 else 2 + ((${round} - 1) * ${resources} + j) / ${CHANGES} end`;
  const body = `'{"apiVersion":"hybrid.routerd.net/v1alpha1","kind":"RemoteAddressClaim","metadata":{"name":"v' || j || '"},"spec":{"domainRef":"edge-lan","address":"10.0.0.1/32","ownerSide":"onprem","nicRef":"nic-' || k || '","pad":"' || repeat('x', 150) || '"}}'`;
  await source.query(
    `insert into effective_versions (api_version, kind, project, name, from_generation, to_generation, part_source,
                                     part_generation, last_seq, body)
     select 'hybrid.routerd.net/v1alpha1', 'RemoteAddressClaim', 'default', 'v' || j, ${began('k')},
            case when k < ${rounds} then ${began('k + 1')} end, 'EventSubscription/s/' || j, k + 1, k, ${body}
       from generate_series(0, ${rounds}) k, generate_series(0, ${resources - 1}) j`,
  );
  await source.query(
    `insert into parts (source, generation, owner, state, run_id, accepted_seq, created_at, updated_at, expires_at, body, last_seq)
     select part_source, part_generation, 'EventSubscription/s', 'active', 'run', last_seq, t, t, null,
            '{"resources":[' || body || ']}', last_seq
       from effective_versions, lateral (select ${textOf('from_generation')} as t) x`,
  );
  await source.query(
    `insert into generations (generation, at, since, cause_stream, cause_seq, revision, digest, resources, added, changed,
                              removed, quarantined, seq)
     select g, t, t, 'ACTIVITY', g, 1, '', ${resources}, 0, ${CHANGES}, 0, '[]', g
       from (select g, ${textOf('g')} as t
               from generate_series(1, ${last}) g) x`,
  );
  await source.query(`drop table if exists bench_rows`);
  await source.query(
    `create table bench_rows as
     select n as batch, api_version, kind, project, name, body from effective_versions, generate_series(0, 9) n
      where to_generation is null`,
  );
  await source.query('create index on bench_rows (batch)');
  await source.query('vacuum analyze effective_versions, generations, parts, bench_rows');
  return last;
}
