// The whole chain: from the fact to the row of the effective config, beside a bare chain of the same stages.
import { AckedPublisher } from './acked-publisher.mjs';
import { BARE_SUBJECTS, startBareChain } from './bare-chain.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { demand } from './goals.mjs';
import { isOurs, sumOf } from './processor-time.mjs';
import { BARE_CONFIG, Readable, SITE_CONFIG } from './readable.mjs';
import { findSed } from './sed.mjs';
import { startServers } from './servers.mjs';
import { apply, connectNats, connectPostgres, withSite, withState } from './site.mjs';
import { bareSubscriptions, EMIT, FactSource, installPlugins, PERSISTENT, siteResources } from './world.mjs';

const SUSTAINED_SECONDS = { full: 60, quick: 5 };
/** Rates at which latency is measured, with what p50 and p99 should be; see docs/reference/bench.md. */
const RATES = [100, 1000];

const SATURATED = 'chain, persistent plugin, saturated';
const SUSTAINED = 'chain, persistent plugin, sustained';

/** Goals of the rows of services mode under the server's default sync, by figure. */
const GOALS = {
  [SUSTAINED]: [
    demand('value', { atLeast: 1500, stretch: 3000 }),
    demand('ratio', { atLeast: 0.15, stretch: 0.3 }),
  ],
  [cpuOf('saturated', 'ours')]: [demand('value', { atMost: 500, stretch: 350 })],
  [cpuOf('saturated', 'all')]: [demand('value', { atMost: 900, stretch: 650 })],
  [cpuOf('at 100/s', 'ours')]: [demand('value', { atMost: 2000, stretch: 1000 })],
  [cpuOf('at 100/s', 'all')]: [demand('value', { atMost: 4000, stretch: 2000 })],
  [latencyOf(100, 'p50')]: [demand('value', { atMost: 10, stretch: 6 })],
  [latencyOf(100, 'p99')]: [demand('value', { atMost: 40, stretch: 20 })],
  [latencyOf(1000, 'p50')]: [demand('ratio', { atMost: 5, stretch: 2 })],
  [latencyOf(1000, 'p99')]: [demand('ratio', { atMost: 5, stretch: 2 })],
};

function cpuOf(when, whose) {
  return `CPU per fact ${when}, ${whose === 'ours' ? 'our processes' : 'with NATS, Postgres, plugin'}`;
}

function latencyOf(rate, which) {
  return `fact → config readable at ${rate.toLocaleString('en-US')}/s: ${which}`;
}

/** Measures the chain in services mode and in one process, each beside the bare chain. */
export async function benchChain(frame) {
  for (const sync of frame.syncs) {
    const isDefault = sync === 'default';
    const modes = [
      { mode: 'services', separate: true, hold: isDefault },
      ...(isDefault && !frame.quick ? [{ mode: 'standalone', separate: false, hold: false }] : []),
    ];
    if (frame.quick && !isDefault) {
      frame.leftOut('the chain with sync always, and in one process');
      continue;
    }
    const results = new Map([['bare', []], ...modes.map(({ mode }) => [mode, []])]);
    let share;
    for (const round of frame.rounds) {
      const titled = (mode) => `chain, ${mode}, sync ${sync}, round ${round} of ${frame.repetitions}`;
      results.get('bare').push(await bareRun(frame, titled('bare'), sync));
      for (const { mode, hold, ...how } of modes) {
        const run = await siteRun(frame, titled(mode), { sync, ...how }, { hold, share });
        share = run.sustained?.share ?? share;
        results.get(mode).push(run);
      }
    }
    for (const { mode } of modes) report(frame, mode, sync, results.get(mode), results.get('bare'));
  }
}

function bareRun(frame, name, sync) {
  return withState(async (state) => {
    const { example } = installPlugins(state, findSed());
    const servers = await startServers(state, sync);
    let chain;
    try {
      chain = await startBareChain(servers, { executable: example, subscriptions: bareSubscriptions() });
      const [nc, database] = [await connectNats(servers), await connectPostgres(servers.databaseUrl)];
      const publisher = new AckedPublisher(nc);
      const readable = new Readable(nc, database, BARE_CONFIG, PERSISTENT);
      const load = new ChainUnderLoad({
        ...{ frame, name, readable, world: PERSISTENT, source: new FactSource() },
        offer: (text) => publisher.append(BARE_SUBJECTS.facts, text),
        roots: () => [...chain.roots, ...servers.roots()],
      });
      const run = await measure(frame, load, {});
      await Promise.all([nc.close(), database.end()]);
      return run;
    } finally {
      await chain?.stop();
      await servers.stop();
    }
  });
}

function siteRun(frame, name, how, what) {
  return withSite(how, async (site) => {
    const { example } = installPlugins(site.state, findSed());
    await apply(site, siteResources(PERSISTENT, example));
    const [nc, database] = [await site.connect(), await site.database()];
    const publisher = new AckedPublisher(nc);
    const readable = new Readable(nc, database, SITE_CONFIG, PERSISTENT);
    const load = new ChainUnderLoad({
      ...{ frame, name, readable, world: PERSISTENT, source: new FactSource() },
      offer: (text) => publisher.offer(EMIT, text),
      roots: () => [{ pid: site.pid }],
    });
    const run = await measure(frame, load, what);
    await Promise.all([nc.close(), database.end()]);
    return run;
  });
}

/** Everything that is asked of one chain, once. */
async function measure(frame, load, { hold = false, share }) {
  const { name } = load;
  const { seconds } = frame;
  frame.progress(`${name}: warming up`);
  await load.warmUp();
  const run = { conditions: [] };
  const measured = async (what, work) => {
    const { result, condition } = await frame.measured(`${name}: ${what}`, work);
    run.conditions.push(condition);
    return result;
  };
  const patience = frame.scaled(15_000, 4000);
  const steady = (rate) => measured(`${rate}/s`, () => load.steady(rate, seconds, patience));
  run[RATES[0]] = await steady(RATES[0]);
  run.saturated = await measured('saturated', () => load.saturated({ settle: frame.scaled(3, 1), seconds }));
  await load.drained(60_000);
  run[RATES[1]] = await steady(RATES[1]);
  if (!hold) return run;
  await load.drained(120_000);
  const lasting = frame.scaled(SUSTAINED_SECONDS.full, SUSTAINED_SECONDS.quick);
  run.sustained = await measured('sustained', () => load.sustained(run.saturated.rate, lasting, share));
  return run;
}

function report(frame, mode, sync, runs, bare) {
  const isGoal = mode === 'services' && sync === 'default';
  frame.title(`chain, ${mode}`);
  const conditions = [...runs, ...bare].flatMap((run) => run.conditions);
  const row = (figure, unit, pick, { limitOf, cpuOf: cpuPick, notesOf, limitName = 'bare chain' } = {}) => {
    const one = frame.row({
      figure: mode === 'services' ? figure : `${figure}, ${mode}`,
      unit,
      sync,
      perUnit: 'fact',
      goals: isGoal ? GOALS[figure] : [],
      ...(limitOf && { limitName }),
    });
    for (const run of runs) one.add(pick(run), { cpu: cpuPick?.(run) });
    for (const condition of conditions) one.conditions.push(condition);
    if (limitOf) for (const run of bare) one.addLimit(limitOf(run));
    for (const run of runs) for (const note of notesOf?.(run) ?? []) one.note(note);
    one.close();
  };
  const rate = (run) => run.saturated.rate;
  row(SATURATED, '/s', rate, { limitOf: rate, cpuOf: (run) => run.saturated.cpu });
  if (runs.every((run) => run.sustained))
    row(SUSTAINED, '/s', (run) => run.sustained.rate, {
      limitOf: rate,
      limitName: 'bare chain, saturated',
      cpuOf: (run) => run.sustained.cpu,
      notesOf: ({ sustained }) => [sustainedNote(sustained, frame)],
    });
  const micros = (cpu, whose) => sumOf(cpu, whose === 'ours' ? isOurs : undefined);
  for (const [when, of] of [
    ['saturated', (run) => run.saturated.cpu],
    ['at 100/s', (run) => run[100].cpu],
    ['at 1,000/s', (run) => run[1000].cpu],
  ]) {
    row(cpuOf(when, 'ours'), 'µs', (run) => micros(of(run), 'ours'), {
      limitOf: (run) => micros(of(run), 'ours'),
    });
    row(cpuOf(when, 'all'), 'µs', (run) => micros(of(run)), { limitOf: (run) => micros(of(run)), cpuOf: of });
  }
  for (const at of RATES)
    for (const which of ['p50', 'p99'])
      row(latencyOf(at, which), 'ms', (run) => run[at][which], {
        limitOf: (run) => run[at][which],
        notesOf: (run) => lateNotes(run[at]),
      });
}

function sustainedNote({ offered, backlog, isSustained }, frame) {
  const lasting = frame.scaled(SUSTAINED_SECONDS.full, SUSTAINED_SECONDS.quick);
  const fate = isSustained ? 'the backlog did not grow' : 'NOT sustained, the backlog grew';
  return `offered ${Math.round(offered)}/s for ${lasting} s: ${fate}, ${backlog} on the way at the end`;
}

function lateNotes({ late, followed }) {
  return late > 0
    ? [`overloaded: ${late} of ${followed} were not there yet and count with the time waited`]
    : [];
}
