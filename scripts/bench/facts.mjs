// Facts in: by request, pub and REST, each beside the bare shape of the same.
import { AckedPublisher } from './acked-publisher.mjs';
import { BARE_SUBJECTS, startBareChain } from './bare-chain.mjs';
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { postRate } from './http-load.mjs';
import { throughput } from './load.mjs';
import { until } from './pause.mjs';
import { perUnit, processorTime, residentMiB } from './processor-time.mjs';
import { withSite } from './site.mjs';
import { WantedMarks } from './wanted-marks.mjs';
import { FactSource } from './world.mjs';

const TYPE = 'bench.in';
const GROUP = 'default';
/** Not yet answered at once. */
const WINDOW = 256;
const SINGLE = { connections: 32, facts: 1 };
const BATCHED = { connections: 8, facts: 100 };
const PROJECTED_MS = 120_000;

const BARE_STORE = 'bare publish with ack, one SQL statement per batch';

/** Measures the ways in, in services mode and in one process. */
export async function benchFacts(frame) {
  for (const sync of frame.syncs) {
    await withSite({ separate: true, sync }, (site) => measure(frame, site, 'services', sync));
    if (sync !== 'default') continue;
    if (frame.quick) frame.leftOut('facts into one process');
    else await withSite({ sync }, (site) => measure(frame, site, 'standalone', sync));
  }
}

async function measure(frame, site, mode, sync) {
  const nc = await site.connect();
  const publisher = new AckedPublisher(nc);
  const manager = await nc.jetstreamManager();
  await manager.streams.add({ name: 'BENCH_REST', subjects: ['bench.rest'] });
  const bare = await startBareChain(site);
  const rest = await startChild('bare/rest.mjs', {
    ...{ natsUrl: site.natsUrl, seedFile: site.seedFile },
    subject: 'bench.rest',
  });
  const marks = followMarks(nc);
  const facts = new FactSource(TYPE);
  const next = () => facts.next().text;
  const many = () => `[${Array.from({ length: BATCHED.facts }, next).join(',')}]`;
  const rows = rowsOf(frame, mode, sync);
  const siteRoots = () => [{ pid: site.pid }];

  /** Until everything that was accepted is in the table. */
  const streamed = async (seconds, send, { stream, mark, roots }) => {
    const from = (await manager.streams.info(stream)).state.last_seq;
    const [before, began] = [processorTime(roots()), performance.now()];
    let count = 0;
    await throughput(WINDOW, seconds, () => {
      count += 1;
      return send(next());
    });
    await until('the facts to be projected', () => marks.newest(mark) >= from + count, PROJECTED_MS, 1);
    const rate = (count * 1000) / (performance.now() - began);
    return { rate, cpu: perUnit(before, processorTime(roots()), count) };
  };
  const projected = { stream: `FACTS_${GROUP}`, mark: `watermark.facts.${GROUP}`, roots: siteRoots };
  const stored = { stream: 'BARE_FACTS', mark: 'bare.watermark.store', roots: () => bare.roots };
  const posted = async (seconds, url, { connections, facts: each }, headers) => {
    const before = processorTime(siteRoots());
    const body = each === 1 ? next : many;
    const began = performance.now();
    const rate = (await postRate(url, { connections, seconds, headers, body })) * each;
    const units = (rate * (performance.now() - began)) / 1000;
    return { rate, cpu: perUnit(before, processorTime(siteRoots()), units) };
  };
  const api = `${site.url}/v1/groups/${GROUP}/events`;
  const token = { authorization: `Bearer ${site.token}` };

  const ways = {
    request: (s) => streamed(s, (text) => publisher.offer(`emit.${GROUP}.${TYPE}`, text), projected),
    pub: (s) => streamed(s, (text) => publisher.append(`events.${GROUP}.${TYPE}`, text), projected),
    store: (s) => streamed(s, (text) => publisher.append(BARE_SUBJECTS.facts, text), stored),
    single: (s) => posted(s, api, SINGLE, token),
    dto: (s) => posted(s, `${rest.told.url}/facts`, SINGLE),
    batch: (s) => posted(s, api, BATCHED, token),
    parse: (s) => posted(s, `${rest.told.url}/parse`, BATCHED),
  };
  // once, short, so that nobody's code is cold when it counts
  for (const work of Object.values(ways)) await work(frame.scaled(1, 0.2));
  for (const round of frame.rounds) {
    for (const [way, work] of Object.entries(ways)) {
      const { result, condition } = await frame.measured(
        `facts in, ${mode}, sync ${sync}, ${way}, ${round}`,
        () => work(frame.seconds / 2),
      );
      for (const { row, limit } of rows.filter((one) => one.way === way || one.limit === way)) {
        if (limit === way) row.addLimit(result.rate, { condition });
        else row.add(result.rate, { cpu: result.cpu, condition });
      }
    }
  }
  frame.title(`facts in, ${mode}`);
  for (const { row } of rows) row.close();
  if (mode === 'standalone') {
    const memory = frame.row({ figure: 'resident memory after the load, standalone', unit: 'MiB', sync });
    memory.add(residentMiB(site.pid));
    memory.close();
  }
  await Promise.all([bare.stop(), rest.stop(), nc.close()]);
}

function rowsOf(frame, mode, sync) {
  const isGoal = mode === 'services' && sync === 'default';
  const goal = (...demands) => (isGoal ? demands : []);
  const of = (way, limit, about) => ({
    way,
    limit,
    row: frame.row({ unit: '/s', sync, perUnit: 'fact', ...about, figure: `${about.figure}, ${mode}` }),
  });
  return [
    of('request', 'store', {
      figure: `facts in by request, window ${WINDOW}`,
      limitName: BARE_STORE,
      goals: goal(demand('ratio', { atLeast: 0.5, stretch: 0.8 })),
    }),
    of('pub', 'store', { figure: `facts in by pub, window ${WINDOW}`, limitName: BARE_STORE }),
    of('single', 'dto', {
      figure: `facts in by REST, c=${SINGLE.connections}`,
      limitName: 'bare Fastify, validated DTO, 202 after the PubAck',
      goals: goal(demand('ratio', { atLeast: 0.5, stretch: 0.7 })),
    }),
    of('batch', 'parse', {
      figure: `facts in by REST, ${BATCHED.facts} each`,
      limitName: 'bare Fastify that parses the same body',
      goals: goal(demand('value', { atLeast: 25_000 }), demand('ratio', { stretch: 0.7 })),
    }),
  ];
}

/** The newest sequence of every watermark, by subject. */
function followMarks(nc) {
  const marks = new Map();
  const wanted = new WantedMarks(nc);
  for (const subject of ['watermark.facts.>', 'bare.watermark.>'])
    nc.subscribe(subject, {
      callback: (error, message) => error ?? marks.set(message.subject, message.json().seq),
    });
  return {
    newest(subject) {
      wanted.say();
      return marks.get(subject);
    },
  };
}
