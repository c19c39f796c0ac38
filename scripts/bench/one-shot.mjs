// One process for every fact: the chain with a native one-shot plugin beside starts of the same program alone.
import { join } from 'node:path';
import { AckedPublisher } from './acked-publisher.mjs';
import { ChainUnderLoad } from './chain-under-load.mjs';
import { demand } from './goals.mjs';
import { throughput } from './load.mjs';
import { findPlace, plainStart, requestOf, runOnce } from './plugin-start.mjs';
import { Readable, SITE_CONFIG } from './readable.mjs';
import { findSed } from './sed.mjs';
import { apply, withSite } from './site.mjs';
import { EMIT, FactSource, installPlugins, ONE_SHOT, siteResources } from './world.mjs';

/** Processes of a plugin at once: the default of `spec.concurrency`. */
const PROCESSES = 4;

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
    const start = plainStart(await findPlace(join(site.state, 'plugins')));
    const input = JSON.stringify(requestOf(JSON.parse(load.source.next().text)));
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
