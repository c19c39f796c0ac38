// Tables that were lost, folded again by `projections rebuild`, beside a bare batched insert of the same rows.
import { AckedPublisher } from './acked-publisher.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { demand } from './goals.mjs';
import { pause } from './pause.mjs';
import { Readable, SITE_CONFIG } from './readable.mjs';
import { findSed } from './sed.mjs';
import { apply, withSite } from './site.mjs';
import { EMIT, FactSource, installPlugins, PERSISTENT, siteResources } from './world.mjs';

const GROUP = 'default';
/** Facts that start nothing, and facts that go through the chain. */
const FACTS = { full: 100_000, quick: 3000 };
const RUNS = { full: 5000, quick: 300 };
const WINDOW = 256;
const BATCH = 500;
const REBUILT_MS = 180_000;

/** The projections that are rebuilt, and their tables. */
const PROJECTIONS = [
  { name: `facts.${GROUP}`, tables: ['facts'] },
  { name: 'parts', tables: ['parts', 'effective_resources', 'generations'] },
  { name: 'runs', tables: ['runs'] },
];

/** Measures the rebuild of every projection of the chain. */
export async function benchRebuild(frame) {
  await withSite({}, async (site) => {
    frame.progress('rebuild: making streams to fold');
    await fill(frame, site);
    const database = await site.database();
    frame.title('rebuild');
    for (const projection of PROJECTIONS) await rebuild(frame, { site, database }, projection);
    await database.end();
  });
}

async function fill(frame, site) {
  const { example } = installPlugins(site.state, findSed());
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
}

async function inLanes(window, goesOn, call) {
  await Promise.all(
    Array.from({ length: window }, async () => {
      while (goesOn()) await call();
    }),
  );
}

async function rebuild(frame, place, { name, tables }) {
  const { site, database } = place;
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
    await database.query(`truncate ${tables.join(', ')}`);
    const ours = await frame.measured(what, () => rebuilt(site, name, rowCount));
    row.add((rowCount * 1000) / ours.result, ours);
    const bare = await frame.measured(`${what}, bare insert`, () => insertAll(database, copies));
    row.addLimit((rowCount * 1000) / bare.result, bare);
  }
  row.close();
  for (const { copy } of copies) await database.query(`drop table ${copy}`);
}

/** Milliseconds until every row is there again. */
async function rebuilt({ url, token }, name, rowCount) {
  const began = performance.now();
  const response = await fetch(new URL(`/v1/projections/rebuild?name=${name}`, url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  const lines = (await response.text()).split('\n').filter(Boolean);
  const tookMs = performance.now() - began;
  const { tables } = JSON.parse(lines.at(-1));
  const added = tables?.reduce((sum, table) => sum + table.added, 0);
  if (added !== rowCount) throw new Error(`the rebuild of ${name} ended with ${lines.at(-1)}`);
  return tookMs;
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
