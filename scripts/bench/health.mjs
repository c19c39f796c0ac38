// Health: probes per second of a core beside prometheus-blackbox-exporter, slip, and from a deciding probe to the weight.
import { spawn, spawnSync } from 'node:child_process';
import { Agent, createServer, get } from 'node:http';
import pg from 'pg';
import { demand } from './goals.mjs';
import { throughput } from './load.mjs';
import { pause } from './pause.mjs';
import { perUnit, processorTime, residentMiB, sumOf } from './processor-time.mjs';
import { apply, withSite } from './site.mjs';
import { percentile } from './statistics.mjs';
import { WantedMarks } from './wanted-marks.mjs';

const SCALE = { full: 10_000, quick: 1000, intervalMs: 5000 };
const EXPORTER = 'prometheus-blackbox-exporter';
const FLIPS = { backends: 40, intervalMs: 200 };
/** How long probes run before they are measured, so that the start is over. */
const SETTLE_MS = { full: 30_000, quick: 3000 };

/** A server that says ok, in a process of its own, so that its work is not counted. */
const TARGET = `require('node:http').createServer((q, r) => r.end('ok'))
  .listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, function () { console.log(this.address().port); })`;

/** Measures everything about health on sites of its own. */
export async function benchHealth(frame) {
  await withSite({}, (site) => probesAtScale(frame, site));
  await withSite({}, (site) => decisions(frame, site));
}

async function probesAtScale(frame, site) {
  const backends = frame.scaled(SCALE.full, SCALE.quick);
  const { intervalMs } = SCALE;
  const target = await startTarget();
  const rows = scaleRows(frame, backends);
  try {
    await apply(site, maglev(backends, target.port, `${intervalMs}ms`));
    await pause(frame.scaled(SETTLE_MS.full, SETTLE_MS.quick));
    for (const round of frame.rounds) {
      const { result, condition } = await frame.measured(`probes, round ${round}`, () =>
        probing(frame, site),
      );
      const { made, lasted, cpu, slip } = result;
      rows.perCore.add(1e6 / sumOf(cpu), { cpu, condition });
      rows.made.add(made / lasted, { condition });
      rows.made.addLimit((backends * 1000) / intervalMs);
      rows.slip.add(slip * 1000, { condition });
      rows.slip.addLimit(intervalMs);
      rows.memory.add(residentMiB(site.pid));
      const exporter = await frame.measured(`${EXPORTER}, round ${round}`, () =>
        exporterRate(frame, target.port),
      );
      if (exporter.result !== undefined) rows.perCore.addLimit(exporter.result, exporter);
      else rows.perCore.note(`${EXPORTER} is not installed: there is no limit`);
    }
    frame.title('health, standalone');
    for (const row of Object.values(rows)) row.close();
  } finally {
    target.stop();
  }
}

function scaleRows(frame, backends) {
  return {
    perCore: frame.row({
      figure: `http probes per second of a core, ${backends.toLocaleString('en-US')} backends`,
      unit: '/s',
      limitName: EXPORTER,
      perUnit: 'probe',
      goals: [demand('ratio', { atLeast: 2 })],
    }),
    made: frame.row({ figure: 'probes per second made', unit: '/s', limitName: 'as configured' }),
    slip: frame.row({
      figure: 'slip p99, at most',
      unit: 'ms',
      limitName: 'interval',
      goals: [demand('ratio', { atMost: 0.05 })],
    }),
    memory: frame.row({ figure: 'resident memory with the probes', unit: 'MiB' }),
  };
}

async function probing(frame, site) {
  const [before, cpu, began] = [await probes(site), processorTime([{ pid: site.pid }]), performance.now()];
  await pause(frame.seconds * 1000);
  const lasted = (performance.now() - began) / 1000;
  const after = await probes(site);
  const made = after.total - before.total;
  const slip = slipAt(before.slip, after.slip, 0.99);
  return { made, lasted, slip, cpu: ofSite(perUnit(cpu, processorTime([{ pid: site.pid }]), made)) };
}

/** Without the servers: the probes need neither. */
function ofSite(cpu) {
  return cpu && { standalone: cpu.standalone };
}

async function startTarget() {
  const child = spawn(process.execPath, ['-e', TARGET], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const port = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(Number(text))));
  return { port, stop: () => child.kill() };
}

function maglev(count, port, interval) {
  const backends = Array.from(
    { length: count },
    (_, n) => `    b${n}: {address: 127.0.0.1, healthcheck: web}\n`,
  );
  return `maglev:
  healthchecks:
    web: {type: http, port: ${port}, interval: ${interval}, timeout: 2s}
  backends:
${backends.join('')}`;
}

/** Probes so far, and the histogram of their slip. */
async function probes(site) {
  const text = await (await fetch(`${site.url}/metrics`)).text();
  const sum = (pattern) => [...text.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
  const buckets = [...text.matchAll(/^signalbox_probe_slip_seconds_bucket\{le="([^"]+)"\} (\d+)/gm)];
  return {
    total: sum(/^maglev_probe_total\{.*\} (\d+)$/gm),
    slip: new Map(
      buckets.map(([, bound, count]) => [Number(bound === '+Inf' ? Infinity : bound), Number(count)]),
    ),
  };
}

/** Upper bound of the bucket in which a share of the probes in between lies. Seconds. */
function slipAt(before, after, share) {
  const all = after.get(Infinity) - before.get(Infinity);
  for (const [bound, count] of after) if (count - before.get(bound) >= share * all) return bound;
  return Infinity;
}

/** Probes per second of processor time of the exporter on the same target; undefined when it is not installed. */
async function exporterRate(frame, port) {
  if (spawnSync('which', [EXPORTER]).status !== 0) return undefined;
  const own = 20_000 + Math.floor(Math.random() * 10_000);
  const config = '/etc/prometheus/blackbox.yml';
  const args = [`--web.listen-address=127.0.0.1:${own}`, `--config.file=${config}`, '--log.level=error'];
  const child = spawn(EXPORTER, args, { stdio: 'ignore' });
  process.once('exit', () => child.kill());
  try {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const url = `http://127.0.0.1:${own}/probe?module=http_2xx&target=http://127.0.0.1:${port}/`;
    const probe = () =>
      new Promise((resolve, reject) => {
        get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
      });
    for (let tries = 0; ; tries += 1) {
      const failed = await probe().then(
        () => undefined,
        (error) => error,
      );
      if (!failed) break;
      if (tries > 100) throw failed;
      await pause(50);
    }
    const roots = [{ pid: child.pid, label: EXPORTER }];
    const [before, began] = [processorTime(roots), performance.now()];
    const rate = await throughput(8, frame.seconds / 2, probe);
    const made = (rate * (performance.now() - began)) / 1000;
    return 1e6 / sumOf(perUnit(before, processorTime(roots), made));
  } finally {
    child.kill();
  }
}

/** From the end of the answer that decides, to the moment when the weights that follow from it can be read. */
async function decisions(frame, site) {
  const { backends } = FLIPS;
  const names = Array.from({ length: backends }, (_, n) => `b${n}`);
  const answers = await startAnswers();
  const nc = await site.connect();
  try {
    await apply(site, flipping(names, answers.port));
    const follow = await followWeights(nc);
    await pause(3 * FLIPS.intervalMs);
    const bare = await bareAppends(nc, site.databaseUrl);
    const row = (which) =>
      frame.row({
        figure: `deciding probe → effective weight readable: ${which}`,
        unit: 'ms',
        limitName: 'two appends and a commit, bare',
      });
    const rows = { p50: row('p50'), p99: row('p99') };
    for (const round of frame.rounds) {
      const ours = await frame.measured(`deciding probes, round ${round}`, () =>
        flip(frame, names, answers, follow),
      );
      const limit = await frame.measured(`bare appends, round ${round}`, () =>
        bare.times(frame.seconds * 500),
      );
      for (const [which, share] of [
        ['p50', 0.5],
        ['p99', 0.99],
      ]) {
        rows[which].add(percentile(ours.result, share), ours);
        rows[which].addLimit(percentile(limit.result, share), limit);
      }
    }
    await bare.end();
    for (const one of Object.values(rows)) one.close();
  } finally {
    await nc.close();
    await answers.stop();
  }
}

/** A server that fails whom it is told to, by host, and notes when it answered whom. */
async function startAnswers() {
  const failing = new Set();
  const answered = new Map();
  const server = createServer((request, response) => {
    const name = request.headers.host;
    response.statusCode = failing.has(name) ? 503 : 200;
    response.end(() => answered.set(name, performance.now()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { port: server.address().port, failing, answered, stop };
}

function flipping(names, port) {
  const { intervalMs } = FLIPS;
  const lines = (line) => names.map((name, n) => `    ${line(name, n)}\n`).join('');
  return `maglev:
  healthchecks:
${lines((name) => `${name}: {type: http, port: ${port}, interval: ${intervalMs}ms, timeout: 1s, rise: 1, fall: 1, params: {host: ${name}}}`)}
  healthchecker: {guard-percent: 100}
  backends:
${lines((name) => `${name}: {address: 127.0.0.1, healthcheck: ${name}}`)}
  frontends:
${lines((name, n) => `vip-${name}: {address: 10.0.0.${n + 1}, pools: [{name: p, backends: {${name}: {}}}]}`)}`;
}

/** Tells when the weights of the frontend of a backend can be read after they were decided. */
async function followWeights(nc) {
  let decided;
  let readable;
  nc.subscribe('activity.frontend.>', {
    callback: (_error, message) => (decided = message.json().frontend.slice('vip-'.length)),
  });
  nc.subscribe('watermark.frontends', { callback: () => readable?.() });
  const wanted = new WantedMarks(nc);
  wanted.say();
  await nc.flush();
  return (name) => {
    wanted.say();
    decided = undefined;
    return new Promise((resolve) => {
      readable = () => decided === name && resolve(performance.now());
    });
  };
}

/** Flips one backend after the other; milliseconds each, sorted. */
async function flip(frame, names, { failing, answered }, follow) {
  const latencies = [];
  for (const end = performance.now() + frame.seconds * 1000; performance.now() < end;) {
    const name = names[Math.floor(Math.random() * names.length)];
    const done = follow(name);
    if (!failing.delete(name)) failing.add(name);
    latencies.push((await done) - answered.get(name));
  }
  return latencies.sort((a, b) => a - b);
}

/** What cannot be left out: two appends one after the other, then one committed row. */
async function bareAppends(nc, databaseUrl) {
  await (await nc.jetstreamManager()).streams.add({ name: 'BENCH', subjects: ['bench.limit'] });
  const js = nc.jetstream();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table bench_limit (id serial primary key, body text)');
  const body = 'x'.repeat(400);
  const times = async (ms) => {
    const taken = [];
    for (const end = performance.now() + ms; performance.now() < end; await pause(1)) {
      const began = performance.now();
      await js.publish('bench.limit', body);
      await js.publish('bench.limit', body);
      await client.query('insert into bench_limit (body) values ($1)', [body]);
      taken.push(performance.now() - began);
    }
    return taken.sort((a, b) => a - b);
  };
  return { times, end: () => client.end() };
}
