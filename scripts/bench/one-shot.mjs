// One process for every fact: the chain with a native one-shot plugin beside starts of the same program alone.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../prepare.mjs';
import { AckedPublisher } from './acked-publisher.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { demand } from './goals.mjs';
import { throughput } from './load.mjs';
import { Readable, SITE_CONFIG } from './readable.mjs';
import { findSed } from './sed.mjs';
import { apply, withSite } from './site.mjs';
import { EMIT, FactSource, installPlugins, ONE_SHOT, siteResources } from './world.mjs';

/** Processes of a plugin at once: the default of `spec.concurrency`. */
const PROCESSES = 4;
/** Processor time that a process may use: of a plugin with the default timeout. Milliseconds. */
const CPU_MS = 10_000;

/** Measures the chain with one process per fact. */
export async function benchOneShot(frame) {
  const runs = [];
  for (const round of frame.rounds) runs.push(await oneRun(frame, `round ${round} of ${frame.repetitions}`));
  frame.title('one-shot plugin, services');
  const row = frame.row({
    figure: 'chain, native one-shot plugin, saturated',
    unit: '/s',
    perUnit: 'fact',
    limitName: `starts of the same program alone under the same limits and in the same sandbox, ${PROCESSES} at once`,
    goals: [demand('ratio', { atLeast: 0.8, stretch: 0.9 })],
  });
  for (const { chain, alone } of runs) {
    row.add(chain.result.rate, { cpu: chain.result.cpu, condition: chain.condition });
    row.addLimit(alone.result, { condition: alone.condition });
  }
  row.close();
}

function oneRun(frame, name) {
  return withSite({ separate: true }, async (site) => {
    const { native } = installPlugins(site.state, findSed());
    await apply(site, siteResources(ONE_SHOT, native));
    const [nc, database] = [await site.connect(), await site.database()];
    const publisher = new AckedPublisher(nc);
    const load = new ChainUnderLoad({
      ...{ frame, name: `one-shot plugin, ${name}`, world: ONE_SHOT, source: new FactSource() },
      readable: new Readable(nc, database, SITE_CONFIG, ONE_SHOT),
      offer: (text) => publisher.offer(EMIT, text),
      roots: () => [{ pid: site.pid }],
    });
    const start = await plainStart(site.state);
    const input = requestText(load.source.next().text);
    const { seconds } = frame;
    await load.warmUp();
    const alone = await frame.measured(`starts of the native plugin alone, ${name}`, () =>
      throughput(PROCESSES, seconds / 2, () => runOnce(start, native, input)),
    );
    const chain = await frame.measured(`chain, native one-shot plugin, ${name}`, () =>
      load.saturated({ settle: frame.scaled(2, 1), seconds }),
    );
    await Promise.all([nc.close(), database.end()]);
    return { alone, chain };
  });
}

/** What starts a plugin in a site: inside its resource limits and in what contains it, as the leader of a process group. */
async function plainStart(state) {
  const { startProcess } = await executionPart('start-process');
  const { findContainment } = await executionPart('containment/containment');
  const pluginDir = join(state, 'plugins');
  const containment = await findContainment({
    settings: { sandbox: 'auto', sandboxPaths: [] },
    searchPath: process.env.PATH,
    pluginDirs: [pluginDir],
    hidden: [],
  });
  const place = { containment, ...(containment.sandbox && { sandboxFor: { pluginDir, network: false } }) };
  return (path) => startProcess({ path, env: {}, searchPath: process.env.PATH, cpuMs: CPU_MS, ...place });
}

function executionPart(name) {
  return import(
    pathToFileURL(join(ROOT, 'dist', 'apps', 'plugin-runner', 'src', 'execution', `${name}.js`)).href
  );
}

/** A request of the size that a site sends. */
function requestText(fact) {
  return JSON.stringify({
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginRequest',
    metadata: { name: 'native' },
    spec: {
      trigger: { type: 'federation-subscription', topic: 'routerd.federation.subscription/matching' },
      startupConfigHash: 'f'.repeat(64),
      effectiveGeneration: 1,
      previousDynamicGeneration: 0,
      now: new Date().toISOString(),
      events: [JSON.parse(fact)],
      context: { resources: [] },
    },
    meta: { protocol: 'v1alpha1', tag: `${'f'.repeat(32)}.1`, capabilities: ['propose.dynamicConfig'] },
  });
}

async function runOnce(start, path, input) {
  const { child, enclosure } = await start(path);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await new Promise((resolve) => child.once('close', resolve));
  await enclosure.close(child.pid);
  if (!output.includes('PluginResult')) throw new Error(`the native plugin answered ${output || 'nothing'}`);
}
