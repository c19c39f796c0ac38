// Projections folded again from the beginning of their stream, beside a bare batched insert of the same rows.
import { AckedPublisher } from './acked-publisher.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { demand } from './goals.mjs';
import { throughput } from './load.mjs';
import { pause, until } from './pause.mjs';
import { Readable, SITE_CONFIG } from './readable.mjs';
import { findSed } from './sed.mjs';
import { startServers } from './servers.mjs';
import { apply, connectNats, connectPostgres, startSite, withSite, withState } from './site.mjs';
import { EMIT, FactSource, installPlugins, PERSISTENT, siteResources } from './world.mjs';

const GROUP = 'default';
/** Facts that start nothing, and facts that go through the chain. */
const FACTS = { full: 20_000, quick: 3000 };
const RUNS = { full: 5000, quick: 300 };
const WINDOW = 256;
const BATCH = 500;
const REBUILT_MS = 180_000;

/** The projections that are folded again, the service that does it alone, and their tables. */
const PROJECTIONS = [
  { name: `facts.${GROUP}`, owner: 'ingest', tables: ['facts'] },
  { name: 'runs', owner: 'renderer', tables: ['runs'] },
  { name: 'parts', owner: 'renderer', tables: ['parts', 'effective_resources', 'generations'] },
];

/** Measures the rebuild of every projection of the chain. */
export async function benchRebuild(frame) {
  await withState(async (state) => {
    frame.progress('rebuild: making streams to fold');
    await makeStreams(frame, state);
    const servers = await startServers(state);
    try {
      const database = await connectPostgres(servers.databaseUrl);
      const nc = await connectNats(servers);
      const manager = await nc.jetstreamManager();
      frame.title('rebuild');
      for (const projection of PROJECTIONS)
        await rebuild(frame, { state, servers, database, manager }, projection);
      await Promise.all([database.end(), nc.close()]);
    } finally {
      await servers.stop();
    }
  });
}

async function makeStreams(frame, state) {
  const { example } = installPlugins(state, findSed());
  const site = await startSite(state);
  try {
    await apply(site, siteResources(PERSISTENT, example));
    const [nc, database] = [await site.connect(), await site.database()];
    const publisher = new AckedPublisher(nc);
    const facts = new FactSource('bench.in');
    let left = frame.scaled(FACTS.full, FACTS.quick);
    await inLanes(
      WINDOW,
      () => left-- > 0,
      () => publisher.offer(`emit.${GROUP}.bench.in`, facts.next().text),
    );
    const load = new ChainUnderLoad({
      ...{ frame, name: 'rebuild', world: PERSISTENT, source: new FactSource() },
      readable: new Readable(nc, database, SITE_CONFIG, PERSISTENT),
      offer: (text) => publisher.offer(EMIT, text),
      roots: () => [{ pid: site.pid }],
    });
    await load.warmUp();
    const runs = frame.scaled(RUNS.full, RUNS.quick);
    for (; load.sent < runs; await pause(20))
      for (const done = await load.done(); load.sent < runs && load.sent - done < 500;) load.send();
    await load.drained(REBUILT_MS);
    await Promise.all([nc.close(), database.end()]);
  } finally {
    await site.stop();
  }
}

async function inLanes(window, goesOn, call) {
  await Promise.all(
    Array.from({ length: window }, async () => {
      while (goesOn()) await call();
    }),
  );
}

async function rebuild(frame, place, { name, owner, tables }) {
  const { database } = place;
  const copies = [];
  for (const table of tables) copies.push(await copyOf(database, table));
  const rowCount = copies.reduce((sum, { rows }) => sum + rows.length, 0);
  const row = frame.row({
    figure: `${name}: ${rowCount.toLocaleString('en-US')} rows`,
    unit: 'rows/s',
    limitName: `bare insert of the same rows, ${BATCH} a statement`,
    goals: [demand('ratio', { atLeast: 0.5, stretch: 0.7 })],
  });
  for (const round of frame.rounds) {
    const what = `rebuild of ${name}, round ${round}`;
    const ours = await frame.measured(what, () => foldAgain(place, name, owner));
    row.add(rowCount * ours.result, ours);
    const bare = await frame.measured(`${what}, bare insert`, () => insertAll(database, copies));
    row.addLimit((rowCount * 1000) / bare.result, bare);
  }
  row.close();
  for (const { copy } of copies) await database.query(`drop table ${copy}`);
}

/**
 * Forgets how far a projection is and starts its service alone; returns which share of the stream is folded per second,
 * from the first commit that can be seen to the end of the stream.
 */
async function foldAgain({ state, servers, database, manager }, name, owner) {
  const { rows } = await database.query('select stream, seq from positions where projection = $1', [name]);
  const { stream } = rows[0];
  const end = Number(rows[0].seq);
  const first = (await manager.streams.info(stream)).state.first_seq;
  await database.query('delete from positions where projection = $1', [name]);
  const env = { NATS_URL: servers.natsUrl, DATABASE_URL: servers.databaseUrl };
  const starting = startSite(state, { only: owner, env });
  starting.catch(() => undefined); // told below
  const position = async () => {
    const text = 'select seq from positions where projection = $1';
    const found = await database.query({ name: 'position', text, values: [name] });
    return Number(found.rows[0]?.seq ?? 0);
  };
  const look = async () => ({ seq: await position(), at: performance.now() });
  const failure = starting.then(() => new Promise(() => undefined));
  const began = await Promise.race([
    until(`the rebuild of ${name} to begin`, () => seen(look), REBUILT_MS, 2),
    failure,
  ]);
  const ended = await until(`the rebuild of ${name}`, () => seen(look, end), REBUILT_MS, 2);
  await (await starting).stop();
  if (ended.seq === began.seq) throw new Error(`the rebuild of ${name} was over before it could be watched`);
  const share = (ended.seq - began.seq) / (end - first + 1);
  return (share * 1000) / (ended.at - began.at);
}

async function seen(look, atLeast = 1) {
  const found = await look();
  return found.seq >= atLeast ? found : undefined;
}

/** A table of the same shape, with the same indexes, and the rows of the original. */
async function copyOf(database, table) {
  const copy = `bench_${table}`;
  await database.query(`create table ${copy} (like ${table} including all)`);
  const { rows } = await database.query(`select to_jsonb(t) as row from ${table} t`);
  return { copy, rows: rows.map(({ row }) => row) };
}

/** Milliseconds for all rows, in one transaction a batch. */
async function insertAll(database, copies) {
  for (const { copy } of copies) await database.query(`truncate ${copy}`);
  const began = performance.now();
  for (const { copy, rows } of copies)
    for (let from = 0; from < rows.length; from += BATCH) {
      const text = `insert into ${copy} select * from jsonb_populate_recordset(null::${copy}, $1::jsonb) on conflict do nothing`;
      await database.query({ name: copy, text, values: [JSON.stringify(rows.slice(from, from + BATCH))] });
    }
  return performance.now() - began;
}
