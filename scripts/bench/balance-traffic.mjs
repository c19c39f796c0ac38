// Traffic through a driver and through what it is measured by, each in a process of its own, by turns.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { until } from './pause.mjs';
import { perUnit, processorTime } from './processor-time.mjs';
import { freePort, withState } from './site.mjs';
import { rounded } from './statistics.mjs';
import { bulkRate, connectionRate, requestRate } from './tcp-load.mjs';

/** What is sent, and to which of the servers behind. */
const KINDS = [
  { figure: 'bulk, 4 connections', unit: 'MB/s', perUnit: 'MB', server: 'source', rate: bulkRate },
  {
    figure: 'requests, 16 kept connections',
    unit: '/s',
    perUnit: 'request',
    server: 'echo',
    rate: requestRate,
  },
  {
    figure: 'a connection per request, 16 at once',
    unit: '/s',
    perUnit: 'request',
    server: 'echo',
    rate: connectionRate,
  },
];

const BESIDE = {
  sim: { limitName: 'bare pipe of node:net', atLeast: 0.9, start: startPipe },
  haproxy: { limitName: 'HAProxy with a file of somebody else', atLeast: 0.95, start: startHandWritten },
};

const START_MS = 10_000;
const SLICE_SECONDS = 0.25;
/** Processes of each forwarder: two of one program and one file differ by up to 5 %, as long as they run. */
const PROCESSES = 3;

/** Measures one driver, `sim` or `haproxy`. */
export function benchTraffic(frame, driver) {
  const { limitName, atLeast, start } = BESIDE[driver];
  return withState(async (state) => {
    const servers = await startChild('bare/tcp-servers.mjs');
    const ours = [];
    const limit = [];
    for (let n = 0; n < PROCESSES; n += 1) {
      const own = join(state, String(n));
      mkdirSync(own);
      ours.push(await startForwarder({ driver, state: own }, servers.told));
      limit.push(await start(own, servers.told));
    }
    try {
      frame.title(`traffic, ${driver}`);
      for (const { rate, server, ...about } of KINDS) {
        const row = frame.row({ ...about, limitName, goals: [demand('ratio', { atLeast })] });
        for (const round of frame.rounds) {
          const { result, condition } = await frame.measured(
            `${about.figure}, ${driver}, round ${round}`,
            () =>
              byTurns(
                { [driver]: ours, limit },
                (forwarder) => rate(forwarder.ports[server], SLICE_SECONDS),
                frame,
              ),
          );
          row.add(result[driver].rate, { cpu: result[driver].cpu, condition });
          row.addLimit(result.limit.rate);
          const cost = result.limit.cpu?.limit;
          if (cost !== undefined) row.note(`CPU µs of the limit: ${rounded(cost)}`);
        }
        row.close();
      }
    } finally {
      await Promise.all([...ours, ...limit, servers].map((one) => one.stop()));
    }
  });
}

/**
 * Measures forwarders in short slices by turns, every other time the other way round, so that all of them have the same machine;
 * the first slice of each process warms up and does not count.
 *
 * @param {Record<string, { pid: number }[]>} forwarders the processes of each, by label
 * @returns {Promise<Record<string, { rate: number, cpu?: Record<string, number> }>>} by label
 */
async function byTurns(forwarders, slice, { seconds }) {
  // an even number: as often the one way round as the other
  const turns = 2 * Math.max(1, Math.round(seconds / 4 / SLICE_SECONDS / PROCESSES));
  const samples = Object.fromEntries(
    Object.keys(forwarders).map((label) => [label, { rates: [], cpus: [] }]),
  );
  const all = Array.from({ length: PROCESSES }, (_, n) =>
    Object.entries(forwarders).map(([label, processes]) => ({ label, forwarder: processes[n] })),
  ).flat();
  for (let turn = 0; turn <= turns; turn += 1)
    for (const { label, forwarder } of turn % 2 === 0 ? all : all.toReversed()) {
      const roots = [{ pid: forwarder.pid, label }];
      const [before, began] = [processorTime(roots), performance.now()];
      const rate = await slice(forwarder);
      const done = (rate * (performance.now() - began)) / 1000;
      if (turn === 0) continue;
      samples[label].rates.push(rate);
      samples[label].cpus.push(perUnit(before, processorTime(roots), done)?.[label]);
    }
  const entries = Object.entries(samples).map(([label, { rates, cpus }]) => [
    label,
    { rate: meanOf(rates), ...(cpus[0] !== undefined && { cpu: { [label]: meanOf(cpus) } }) },
  ]);
  return Object.fromEntries(entries);
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function startForwarder(settings, { echo, source }) {
  const child = await startChild('alone/forwarder.mjs', settings);
  const { ports } = await child.ask({ servers: [echo, source] });
  return { pid: child.pid, ports: { echo: ports[0], source: ports[1] }, stop: child.stop };
}

function startPipe(state, servers) {
  return startForwarder({ driver: 'pipe', state }, servers);
}

/** A HAProxy with a file as somebody writes it who has one thing to do. */
async function startHandWritten(state, servers) {
  const ports = { echo: Number(await freePort()), source: Number(await freePort()) };
  const file = join(state, 'hand-written.cfg');
  writeFileSync(file, handWritten(ports, servers));
  // in a session of its own, as ours is: Linux schedules the processes of a session as one (autogroup), which costs or wins 5%
  const child = spawn('haproxy', ['-db', '-f', file], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(child, 'exit');
  const endWithUs = () => child.kill();
  process.once('exit', endWithUs);
  for (const port of Object.values(ports)) await until('HAProxy to listen', () => listens(port), START_MS);
  const stop = async () => {
    process.off('exit', endWithUs);
    child.kill();
    await gone;
  };
  return { pid: child.pid, ports, stop };
}

function handWritten(ports, servers) {
  const listen = Object.entries(ports).map(
    ([name, port]) => `
listen ${name}
  bind 127.0.0.1:${port}
  server ${name} 127.0.0.1:${servers[name]}
`,
  );
  return `global
  maxconn 4000

defaults
  mode tcp
  timeout connect 5s
  timeout client 50s
  timeout server 50s
${listen.join('')}`;
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
