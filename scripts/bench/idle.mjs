// A site that has nothing to do: how long it takes to start, and what it holds and uses.
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { pause } from './pause.mjs';
import { processorTime, residentMiB, sumOf } from './processor-time.mjs';
import { startServers } from './servers.mjs';
import { startSite, withState } from './site.mjs';

/** After its start, before it is looked at: until then a process tidies up what its start has left in memory. */
const SETTLE_MS = { full: 30_000, quick: 1500 };

/** Measures starts and idleness of one process with everything in it. */
export async function benchIdle(frame) {
  const rows = openRows(frame);
  for (const round of frame.rounds) await withState((state) => oneRound(frame, rows, state, round));
  frame.title('start and idle, standalone');
  for (const row of Object.values(rows)) row.close();
}

function openRows(frame) {
  const alone = 'NATS and Postgres alone';
  const empty = 'an empty Nest + Fastify app, connected to both';
  return {
    cold: frame.row({
      figure: 'start to ready, fresh data',
      unit: 'ms',
      limitName: alone,
      goals: [demand('value', { atMost: 5000 })],
    }),
    warm: frame.row({
      figure: 'start to ready, existing data',
      unit: 'ms',
      limitName: alone,
      goals: [demand('value', { atMost: 3000 })],
    }),
    memory: frame.row({
      figure: 'resident memory, idle',
      unit: 'MiB',
      limitName: empty,
      goals: [demand('ratio', { atMost: 1.5 })],
    }),
    cpu: frame.row({
      figure: 'processor time, idle, of a core',
      unit: '%',
      limitName: empty,
      perUnit: 'second',
      goals: [demand('value', { atMost: 1 })],
    }),
  };
}

async function oneRound(frame, rows, state, round) {
  const site = async (row, name) => {
    const { result, condition } = await frame.measured(`${name}, round ${round}`, () => startSite(state));
    row.add(result.readyMs, { condition });
    return result;
  };
  await (await site(rows.cold, 'start, fresh data')).stop();
  const running = await site(rows.warm, 'start, existing data');
  try {
    await idle(frame, rows, running);
  } finally {
    await running.stop();
  }
  await withState(async (place) => {
    for (const row of [rows.cold, rows.warm]) {
      const began = performance.now();
      const servers = await startServers(place);
      row.addLimit(performance.now() - began);
      await servers.stop();
    }
  });
}

async function idle(frame, rows, site) {
  const { natsUrl, databaseUrl } = site;
  const app = await startChild('bare/empty-app.mjs', { natsUrl, databaseUrl });
  await pause(frame.scaled(SETTLE_MS.full, SETTLE_MS.quick));
  const look = () => ({
    all: processorTime([{ pid: site.pid }]),
    empty: processorTime([{ pid: app.pid, label: 'empty' }]),
  });
  const { result, condition } = await frame.measured('idle', async () => {
    const [before, began] = [look(), performance.now()];
    await pause(frame.seconds * 1000);
    const after = look();
    const lasted = (performance.now() - began) / 1000;
    const used = (name, label) => {
      if (!before[name]) return NaN;
      return (100 * ((after[name].get(label) ?? 0) - (before[name].get(label) ?? 0))) / lasted;
    };
    const each = Object.fromEntries(
      [...(after.all ?? [])].map(([label]) => [label, used('all', label) * 1e4]),
    );
    return { site: used('all', 'standalone'), empty: used('empty', 'empty'), each };
  });
  rows.memory.add(residentMiB(site.pid), { condition });
  rows.memory.addLimit(residentMiB(app.pid));
  rows.cpu.add(result.site, { condition, ...(sumOf(result.each) > 0 && { cpu: result.each }) });
  rows.cpu.addLimit(result.empty);
  await app.stop();
}
