// Plugins as the runner runs them, one-shot and persistent, beside a bare spawn and a bare line to the same program.
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { perUnit, processorTime } from './processor-time.mjs';
import { findSed } from './sed.mjs';
import { withState } from './site.mjs';
import { installPlugins } from './world.mjs';
import { join } from 'node:path';

/** Processes of a plugin at once: the default of `spec.concurrency`. */
const PROCESSES = 4;
/** Runs that wait for their answers at once, where a process takes the next before it has answered. */
const IN_FLIGHT = 64;

/** What is measured: ours and the least that does the same. */
const KINDS = [
  { name: 'one-shot, native', program: 'native', ours: 'oneshot', bare: 'spawn', lanes: PROCESSES },
  { name: 'one-shot, Node', program: 'example', ours: 'oneshot', bare: 'spawn', lanes: PROCESSES },
  { name: 'persistent, Node', program: 'example', ours: 'persistent', bare: 'echo', lanes: IN_FLIGHT },
];
const LIMITS = {
  spawn: 'starts of the same program under the same limits and in the same sandbox',
  echo: 'lines to the same program that stands, under the same limits and in the same sandbox',
};

/** Measures runs of plugins without a site: no records, no facts. */
export async function benchPlugins(frame) {
  await withState(async (state) => {
    const files = installPlugins(state, findSed());
    const child = await startChild('alone/plugin-runs.mjs', {
      pluginDir: join(state, 'plugins'),
      processes: PROCESSES,
    });
    try {
      frame.title('runs of plugins, the runner alone');
      const rates = new Map();
      for (const kind of KINDS) rates.set(kind.name, await measure(frame, child, files, kind));
      const times = frame.row({
        figure: 'persistent by one-shot, Node',
        unit: '/s',
        limitName: 'one-shot, the same program',
        goals: [demand('ratio', { atLeast: 20 })],
      });
      for (const rate of rates.get('persistent, Node')) times.add(rate);
      for (const rate of rates.get('one-shot, Node')) times.addLimit(rate);
      times.close();
    } finally {
      await child.stop();
    }
  });
}

/** Rates of ours, one each round. */
async function measure(frame, child, files, { name, program, ours, bare, lanes }) {
  const row = (figure, unit, goals = []) =>
    frame.row({ figure: `${name}: ${figure}`, unit, limitName: LIMITS[bare], goals, perUnit: 'run' });
  const rate = row(
    `runs, ${lanes} at once`,
    '/s',
    bare === 'spawn' ? [demand('ratio', { atLeast: 0.8 })] : [],
  );
  const [p50, p99] = [row('p50, one at a time', 'ms'), row('p99, one at a time', 'ms')];
  const path = files[program];
  const rates = [];
  const ask = (way, at, seconds, what) =>
    frame.measured(`${name}, ${what}`, () => asking(child, { way, path, lanes: at, seconds }));
  for (const way of [ours, bare]) await child.ask({ way, path, lanes, seconds: frame.scaled(2, 0.5) });
  for (const round of frame.rounds) {
    for (const [add, way] of [
      ['add', ours],
      ['addLimit', bare],
    ]) {
      const many = await ask(way, lanes, frame.seconds / 2, `${way}, round ${round}`);
      const single = await ask(way, 1, frame.seconds / 4, `${way} one at a time, round ${round}`);
      rate[add](many.result.rate, {
        cpu: add === 'add' ? many.result.cpu : undefined,
        condition: many.condition,
      });
      p50[add](single.result.times.p50, { condition: single.condition });
      p99[add](single.result.times.p99, { condition: single.condition });
      if (add === 'add') rates.push(many.result.rate);
      if (!many.result.contained) rate.note('without a sandbox: there is none here');
      if (add === 'addLimit' && many.result.cpu)
        rate.note(`limit: CPU µs per run: ${sumText(many.result.cpu)}`);
    }
  }
  for (const one of [rate, p50, p99]) one.close();
  return rates;
}

async function asking(child, question) {
  const roots = [{ pid: child.pid, label: 'runner', below: 'plugins' }];
  const before = processorTime(roots);
  const told = await child.ask(question);
  return { ...told, cpu: perUnit(before, processorTime(roots), told.runs) };
}

function sumText(cpu) {
  return Object.entries(cpu)
    .map(([label, micros]) => `${label} ${Math.round(micros)}`)
    .join(', ');
}
