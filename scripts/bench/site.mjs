// What every part of the bench shares: a site of its own, the table of figures, rates and percentiles.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

const MAIN = join(ROOT, 'dist', 'apps', 'standalone', 'src', 'main.js');

/** How long a row is measured. Seconds. */
export const seconds = Number(process.env.BENCH_SECONDS ?? 10);

/** The figures so far; written to the results file at the end. */
export const rows = [];

/** Adds a figure, beside its limit when there is one. */
export function record(figure, value, unit, limit, limitName) {
  const ratio = limit === undefined ? undefined : value / limit;
  rows.push({ figure, value, unit, ...(limit !== undefined && { limit, limitName, ratio }) });
  const beside =
    limit === undefined ? '' : `${round(limit)} ${unit} (${limitName})`.padEnd(46) + round(ratio);
  console.log(`${figure.padEnd(62)}${`${round(value)} ${unit}`.padEnd(16)}${beside}`);
}

function round(value) {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}

export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs `work` on a directory that is removed afterwards. */
export async function withState(work) {
  const state = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  chmodSync(state, 0o711);
  try {
    await work(state);
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
}

/** A site on embedded servers in its own process. */
export async function startSite(state) {
  const started = performance.now();
  const env = {
    ...process.env,
    SIGNALBOX_NODE: 'bench-node',
    SIGNALBOX_PLUGIN_DIRS: join(state, 'plugins'),
    HTTP_PORT: '0',
  };
  for (const own of ['NATS_URL', 'DATABASE_URL']) delete env[own];
  const child = spawn(process.execPath, [MAIN, '--state', state], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGTERM'));
  let output = '';
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the site ended:\n${output}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (output.includes('Signalbox is ready')) resolve();
    });
  });
  const readyMs = performance.now() - started;
  const context = JSON.parse(readFileSync(join(state, 'context.json'), 'utf8'));
  const natsUrl = /NATS\s+(\S+)/.exec(output)[1];
  const databaseUrl = /Postgres\s+(\S+)/.exec(output)[1];
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners('exit').once('exit', resolve);
      child.kill('SIGTERM');
    });
  return { child, readyMs, natsUrl, databaseUrl, ...context, stop };
}

/** A REST call with the site's token; throws on an error answer. */
export async function rest(site, method, path, body, type = 'application/json') {
  const response = await fetch(`${site.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${site.token}`, ...(body && { 'content-type': type }) },
    ...(body && { body }),
  });
  if (!response.ok)
    throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Requests with `window` in flight for the bench's seconds; returns per second. */
export async function throughput(window, call) {
  let done = 0;
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: window }, async (_, lane) => {
      while (performance.now() < end) {
        await call(lane);
        done += 1;
      }
    }),
  );
  return done / seconds;
}

/** Resident memory of a process. */
export function residentMiB(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

/** Seconds of processor time that a process has used. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
