// Health: probes per second of a core beside prometheus-blackbox-exporter, slip, and from a deciding probe to the weight.
import { spawn, spawnSync } from 'node:child_process';
import { Agent, createServer, get } from 'node:http';
import { connect } from 'nats';
import pg from 'pg';
import {
  cpuSeconds,
  pause,
  percentile,
  record,
  residentMiB,
  rest,
  seconds,
  startSite,
  throughput,
  withState,
} from './site.mjs';

const SCALE = { backends: 10_000, intervalMs: 5000 };
const EXPORTER = 'prometheus-blackbox-exporter';
const FLIPS = { backends: 40, intervalMs: 200 };
/** How long probes run before they are measured, so that the start is over. */
const SETTLE_MS = 30_000;

/** A server that says ok, in a process of its own, so that its work is not counted. */
const TARGET = `require('node:http').createServer((q, r) => r.end('ok'))
  .listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, function () { console.log(this.address().port); })`;

/** Measures everything about health on sites of its own. */
export async function benchHealth() {
  await withState(probesAtScale);
  await withState(decisions);
}

async function probesAtScale(state) {
  const target = await startTarget();
  const site = await startSite(state);
  try {
    const { backends, intervalMs } = SCALE;
    await rest(
      site,
      'POST',
      '/v1/apply',
      maglev(backends, target.port, `${intervalMs}ms`),
      'application/yaml',
    );
    await pause(SETTLE_MS);
    const [before, cpu] = [await probes(site), cpuSeconds(site.child.pid)];
    const began = performance.now();
    await pause(seconds * 1000);
    const used = cpuSeconds(site.child.pid) - cpu;
    const lasted = (performance.now() - began) / 1000;
    const after = await probes(site);
    const made = after.total - before.total;
    const exporter = await exporterRate(target.port);
    const limit = exporter === undefined ? [] : [exporter, EXPORTER];
    record(`http probes per second of a core, whole site, ${backends} backends`, made / used, '/s', ...limit);
    record(
      '  … probes per second made',
      made / lasted,
      '/s',
      (backends * 1000) / intervalMs,
      'as configured',
    );
    record(
      '  … slip p99, at most',
      slipAt(before.slip, after.slip, 0.99) * 1000,
      'ms',
      intervalMs,
      'interval',
    );
    record('  … resident memory of the site', residentMiB(site.child.pid), 'MiB');
  } finally {
    await site.stop();
    target.stop();
  }
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
async function exporterRate(port) {
  if (spawnSync('which', [EXPORTER]).status !== 0) {
    console.error(`bench: ${EXPORTER} is not installed: its row has no limit`);
    return undefined;
  }
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
    const cpu = cpuSeconds(child.pid);
    const rate = await throughput(8, probe);
    return (rate * seconds) / (cpuSeconds(child.pid) - cpu);
  } finally {
    child.kill();
  }
}

/** From the end of the answer that decides, to the moment when the weights that follow from it can be read. */
async function decisions(state) {
  const { backends, intervalMs } = FLIPS;
  const failing = new Set();
  const answered = new Map();
  const server = createServer((request, response) => {
    const name = request.headers.host;
    response.statusCode = failing.has(name) ? 503 : 200;
    response.end(() => answered.set(name, performance.now()));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const names = Array.from({ length: backends }, (_, n) => `b${n}`);
  const checks = names.map(
    (name) =>
      `    ${name}: {type: http, port: ${server.address().port}, interval: ${intervalMs}ms, timeout: 1s, rise: 1, fall: 1, params: {host: ${name}}}\n`,
  );
  const site = await startSite(state);
  try {
    const yaml = `maglev:
  healthchecks:
${checks.join('')}  healthchecker: {guard-percent: 100}
  backends:
${names.map((name) => `    ${name}: {address: 127.0.0.1, healthcheck: ${name}}\n`).join('')}  frontends:
${names.map((name, n) => `    vip-${name}: {address: 10.0.0.${n + 1}, pools: [{name: p, backends: {${name}: {}}}]}\n`).join('')}`;
    await rest(site, 'POST', '/v1/apply', yaml, 'application/yaml');
    const nc = await connect({ servers: site.natsUrl });
    let decided;
    let readable;
    nc.subscribe('activity.frontend.>', {
      callback: (_error, message) => (decided = message.json().frontend.slice('vip-'.length)),
    });
    nc.subscribe('watermark.frontends', { callback: () => readable?.() });
    await nc.flush();
    await pause(3 * intervalMs);
    const latencies = [];
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      const name = names[Math.floor(Math.random() * names.length)];
      decided = undefined;
      const done = new Promise((resolve) => {
        readable = () => decided === name && resolve(performance.now());
      });
      if (!failing.delete(name)) failing.add(name);
      latencies.push((await done) - answered.get(name));
    }
    latencies.sort((a, b) => a - b);
    const bare = await bareChain(nc, site.databaseUrl);
    for (const [title, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ])
      record(
        `deciding probe → effective weight readable: ${title}`,
        percentile(latencies, share),
        'ms',
        percentile(bare, share),
        'two appends and a commit, bare',
      );
    await nc.close();
  } finally {
    await site.stop();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }
}

/** What cannot be left out: two appends one after the other, then one committed row. Milliseconds, sorted. */
async function bareChain(nc, databaseUrl) {
  await (await nc.jetstreamManager()).streams.add({ name: 'BENCH', subjects: ['bench.limit'] });
  const js = nc.jetstream();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query('create table bench_limit (id serial primary key, body text)');
  const body = 'x'.repeat(400);
  const times = [];
  for (const end = performance.now() + seconds * 500; performance.now() < end;) {
    const began = performance.now();
    await js.publish('bench.limit', body);
    await js.publish('bench.limit', body);
    await client.query('insert into bench_limit (body) values ($1)', [body]);
    times.push(performance.now() - began);
    await pause(1);
  }
  await client.end();
  return times.sort((a, b) => a - b);
}
