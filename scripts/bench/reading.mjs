// Reads of a site that has much: p50 and p99 of each beside a bare page, and its start beside that of an empty site.
import { AckedPublisher } from './acked-publisher.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { startChild } from './child.mjs';
import { appendFacts } from './fact-records.mjs';
import { demand } from './goals.mjs';
import { getTimes } from './http-load.mjs';
import { pause, until } from './pause.mjs';
import { Readable, SITE_CONFIG } from './readable.mjs';
import { findSed } from './sed.mjs';
import { startServers } from './servers.mjs';
import { apply, connectNats, startSite, withState } from './site.mjs';
import { percentile, rounded, spread } from './statistics.mjs';
import { EMIT, FactSource, installPlugins, PERSISTENT, siteResources } from './world.mjs';

const FACTS = { full: 1_000_000, quick: 5000 };
const PARTS = { full: 10_000, quick: 100 };
const BACKENDS = { full: 10_000, quick: 200 };
const CONNECTIONS = 4;
/** Of one read; there are many of them. */
const SECONDS = { full: 4, quick: 0.5 };
const ON_THE_WAY = 500;
const FILLED_MS = 900_000;
/** The facts are as many as a group keeps by itself; nothing shall be pruned meanwhile. */
const ENV = { SIGNALBOX_FACTS_MAX_EVENTS: 'unlimited' };

/** What is asked for. `whole`: all of the config, which a page is no measure for. */
const READS = [
  { figure: 'event list', path: '/v1/groups/default/events' },
  { figure: 'event list, newest first', path: '/v1/groups/default/events?order=newest' },
  { figure: 'event list, also what is over', path: '/v1/groups/default/events?includeExpired=true' },
  { figure: 'event list of a type', path: '/v1/groups/default/events?type=bench.kept-7' },
  { figure: 'event list of a source', path: '/v1/groups/default/events?source=peer-9' },
  { figure: 'event list of a source that nobody knows', path: '/v1/groups/default/events?source=nobody' },
  { figure: 'run list', path: '/v1/runs' },
  { figure: 'run list, failed', path: '/v1/runs?state=failed' },
  { figure: 'dynamic list', path: '/v1/parts' },
  { figure: 'dynamic list, held back', path: '/v1/parts?state=quarantined' },
  { figure: 'show backends', path: '/v1/backends' },
  { figure: 'show backends, down', path: '/v1/backends?state=down' },
  { figure: 'generations', path: '/v1/effective-config/generations' },
  { figure: 'dead letters', path: '/v1/dead-letters' },
  { figure: 'effective config, known already', path: '/v1/effective-config', isKnown: true },
  { figure: 'effective config, whole', path: '/v1/effective-config', isWhole: true },
];

/** Measures reads and starts. */
export async function benchReading(frame) {
  const size = {
    facts: frame.scaled(FACTS.full, FACTS.quick),
    parts: frame.scaled(PARTS.full, PARTS.quick),
    backends: frame.scaled(BACKENDS.full, BACKENDS.quick),
  };
  const told = Object.entries(size).map(([name, count]) => `${count.toLocaleString('en-US')} ${name}`);
  await withState(async (state) => {
    await fill(frame, state, size);
    frame.title(`reading, standalone: ${told.join(', ')}`);
    await starts(frame, state);
    const site = await startSite(state, { env: ENV });
    try {
      await reads(frame, site);
    } finally {
      await site.stop();
    }
  });
}

/** Parts by the chain, backends by the config, then facts by their records; folded when this resolves. */
async function fill(frame, state, { facts, parts, backends }) {
  const { example } = installPlugins(state, findSed());
  frame.progress(`reading: ${parts} parts and ${backends} backends`);
  const site = await startSite(state, { env: ENV });
  try {
    await apply(site, siteResources(PERSISTENT, example));
    await makeParts(frame, site, parts);
    await apply(site, maglev(backends));
    await until('the backends', async () => (await countOf(site, 'backends')) >= backends, FILLED_MS, 200);
  } finally {
    await site.stop();
  }
  frame.progress(`reading: ${facts} facts`);
  const servers = await startServers(state);
  try {
    const nc = await connectNats(servers);
    await appendFacts(nc, facts);
    await nc.close();
  } finally {
    await servers.stop();
  }
  frame.progress('reading: folding them');
  const again = await startSite(state, { env: ENV });
  try {
    await until(
      'the facts in the table',
      async () => (await countOf(again, 'facts')) >= facts,
      FILLED_MS,
      500,
    );
    const database = await again.database();
    await database.query('vacuum analyze');
    await database.end();
  } finally {
    await again.stop();
  }
}

function maglev(count) {
  const backends = Array.from({ length: count }, (_, n) => `    b${n}: {address: 127.0.0.1}\n`);
  return `maglev:\n  backends:\n${backends.join('')}`;
}

async function makeParts(frame, site, parts) {
  const [nc, database] = [await site.connect(), await site.database()];
  const publisher = new AckedPublisher(nc);
  const load = new ChainUnderLoad({
    ...{ frame, name: 'reading', world: PERSISTENT, source: new FactSource() },
    readable: new Readable(nc, database, SITE_CONFIG, PERSISTENT),
    offer: (text) => patiently(() => publisher.offer(EMIT, text)),
    roots: () => [{ pid: site.pid }],
  });
  await load.warmUp();
  for (; load.sent < parts; await pause(20))
    for (const done = await load.done(); load.sent < parts && load.sent - done < ON_THE_WAY;) load.send();
  await load.drained(FILLED_MS);
  await Promise.all([nc.close(), database.end()]);
}

/** Again after a refusal that says so: nothing is measured here. */
async function patiently(call, tries = 10) {
  for (; ; tries -= 1) {
    try {
      return await call();
    } catch (error) {
      if (tries === 1) throw error;
      await pause(500);
    }
  }
}

async function countOf(site, table) {
  const database = await site.database();
  try {
    const { rows } = await database.query(`select count(*)::integer as count from ${table}`);
    return rows[0].count;
  } finally {
    await database.end();
  }
}

/** Start to ready with all of it, and with nothing. */
async function starts(frame, state) {
  const row = frame.row({
    figure: 'start to ready',
    unit: 'ms',
    limitName: 'an empty site that was started before',
    goals: [demand('ratio', { atMost: 3 })],
  });
  const timed = async (place, env = {}) => {
    const site = await startSite(place, { env });
    await site.stop();
    return site.readyMs;
  };
  await withState(async (empty) => {
    await timed(empty);
    for (const round of frame.rounds) {
      const full = await frame.measured(`start with all of it, round ${round}`, () => timed(state, ENV));
      row.add(full.result, full);
      const bare = await frame.measured(`start of an empty site, round ${round}`, () => timed(empty));
      row.addLimit(bare.result, bare);
    }
  });
  row.close();
}

async function reads(frame, site) {
  const { natsUrl, databaseUrl } = site;
  const bare = await startChild('bare/page.mjs', { natsUrl, databaseUrl });
  const rows = READS.map((read) => ({ ...read, row: openRow(frame, read), middles: [] }));
  const load = { connections: CONNECTIONS, seconds: frame.scaled(SECONDS.full, SECONDS.quick) };
  try {
    const known = await tagOf(site);
    for (const round of frame.rounds) {
      const page = await frame.measured(`a bare page, round ${round}`, () =>
        getTimes(`${bare.told.url}/page`, load),
      );
      for (const { figure, path, isKnown, row, middles } of rows) {
        const headers = { authorization: `Bearer ${site.token}`, ...(isKnown && { 'if-none-match': known }) };
        const ours = await frame.measured(`${figure}, round ${round}`, () =>
          getTimes(`${site.url}${path}`, { ...load, headers }),
        );
        row.add(percentile(ours.result, 0.99), ours);
        row.addLimit(percentile(page.result, 0.99), page);
        middles.push(percentile(ours.result, 0.5));
      }
    }
  } finally {
    await bare.stop();
  }
  for (const { row, middles } of rows) {
    row.note(`p50 ${rounded(spread(middles).value)} ms`);
    row.close();
  }
}

function openRow(frame, { figure, isWhole }) {
  return frame.row({
    figure: `${figure}: p99`,
    unit: 'ms',
    limitName: 'a page by primary key, bare: p99',
    goals: isWhole ? [] : [demand('ratio', { atMost: 5 })],
  });
}

async function tagOf(site) {
  const response = await fetch(`${site.url}/v1/effective-config`, {
    headers: { authorization: `Bearer ${site.token}` },
  });
  await response.arrayBuffer();
  return response.headers.get('etag');
}
