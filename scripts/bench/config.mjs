// The effective config: what one changed part costs, and what the config of the past does.
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { perUnit, processorTime, sumOf } from './processor-time.mjs';
import { startServers } from './servers.mjs';
import { withState } from './site.mjs';
import { percentile } from './statistics.mjs';

const PARTS = { full: 10_000, quick: 2000 };
const VERSIONS = { full: 100_000, quick: 20_000 };
/** How many resources a generation has. */
const RESOURCES = [1000, 10_000];

/** Measures the config without a site: the model alone, and the tables alone. */
export async function benchConfig(frame) {
  await merging(frame);
  await rendering(frame);
}

async function merging(frame) {
  const parts = frame.scaled(PARTS.full, PARTS.quick);
  const of = `one changed part of ${parts.toLocaleString('en-US')}`;
  frame.title('merging, the model alone');
  const scratch = frame.row({
    figure: of,
    unit: 'ms',
    limitName: 'merging all of them from scratch',
    goals: [demand('ratio', { atMost: 1 / 100, stretch: 1 / 200 })],
    perUnit: 'change',
  });
  const beside = (figure, goals = []) =>
    frame.row({
      figure,
      unit: 'ms',
      limitName: 'canonical JSON and sha256 of that part, and nothing else',
      goals,
    });
  const [p50, p99] = [beside(`${of}, p50`), beside(`${of}, p99`)];
  const changes = frame.scaled(500, 100);
  for (const round of frame.rounds) {
    const child = await startChild('alone/merging.mjs');
    const { result, condition } = await frame.measured(`one changed part, round ${round}`, () =>
      child.ask({ parts, changes }),
    );
    await child.stop();
    const { changed, bare, mergeMs, cpuMicros } = result;
    scratch.add(percentile(changed, 0.5), { condition, cpu: { renderer: cpuMicros } });
    scratch.addLimit(mergeMs);
    for (const [row, share] of [
      [p50, 0.5],
      [p99, 0.99],
    ]) {
      row.add(percentile(changed, share), { condition });
      row.addLimit(percentile(bare, share));
    }
  }
  for (const row of [scratch, p50, p99]) row.close();
}

async function rendering(frame) {
  const versions = frame.scaled(VERSIONS.full, VERSIONS.quick);
  await withState(async (state) => {
    const servers = await startServers(state);
    try {
      frame.title(`render --at, ${versions.toLocaleString('en-US')} versions`);
      for (const resources of RESOURCES) await renderingOf(frame, servers, versions, resources);
    } finally {
      await servers.stop();
    }
  });
}

async function renderingOf(frame, servers, versions, resources) {
  const child = await startChild('alone/past-config.mjs', { url: servers.databaseUrl, versions, resources });
  const row = (what, which, goals = []) =>
    frame.row({
      figure: `${what}, ${resources.toLocaleString('en-US')} resources, ${which}`,
      unit: 'ms',
      limitName: 'one read of as many rows by an index, in the same order',
      goals,
      perUnit: 'render',
    });
  const roots = () => [{ pid: child.pid, label: 'api' }, ...servers.roots()];
  try {
    const ways = [
      ['at a generation', 'generation'],
      ['at a time', 'time'],
    ].map(([what, way]) => ({ way, p50: row(what, 'p50'), p99: row(what, 'p99') }));
    const seconds = frame.seconds / 2;
    for (const round of frame.rounds) {
      const limit = await frame.measured(`bare read, ${resources} rows, round ${round}`, () =>
        child.ask({ way: 'bare', seconds }),
      );
      for (const { way, p50, p99 } of ways) {
        const before = processorTime(roots());
        const { result, condition } = await frame.measured(
          `render --at ${way}, ${resources}, round ${round}`,
          () => child.ask({ way, seconds }),
        );
        const cpu = perUnit(before, processorTime(roots()), result.times.length);
        p50.add(percentile(result.times, 0.5), { condition, ...(cpu && sumOf(cpu) > 0 && { cpu }) });
        p99.add(percentile(result.times, 0.99), { condition });
        p50.addLimit(percentile(limit.result.times, 0.5), limit);
        p99.addLimit(percentile(limit.result.times, 0.99), limit);
      }
    }
    for (const { p50, p99 } of ways) for (const one of [p50, p99]) one.close();
  } finally {
    await child.stop();
  }
}
