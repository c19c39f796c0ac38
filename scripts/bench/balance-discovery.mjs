// What becomes of a storm of EndpointSlices: how long until all new endpoints have their effective weight, and the processor time of the
// services for each.
import { startChild } from './child.mjs';
import { demand } from './goals.mjs';
import { until } from './pause.mjs';
import { perUnit, processorTime, sumOf } from './processor-time.mjs';
import { apply, rest, withSite } from './site.mjs';

const SLICES = { full: 100, quick: 5 };
const EACH = 100;
/** How long it may take at most. */
const EFFECT_MS = 300_000;
const SERVICES = ['balancer', 'renderer', 'health', 'dataplane-agent', 'nats-server', 'postgres'];

/** Measures it on a site of its own, one process per service, with the driver `sim`. */
export function benchDiscovery(frame) {
  const count = frame.scaled(SLICES.full, SLICES.quick);
  const endpoints = count * EACH;
  const told = endpoints.toLocaleString('en-US');
  return withSite({ separate: true }, async (site) => {
    frame.title('BackendSource, a storm of EndpointSlices');
    const kube = await startChild('bare/kube-api.mjs');
    const { url: server } = await kube.ask({});
    const limits = { natsUrl: site.natsUrl, seedFile: site.seedFile, databaseUrl: site.databaseUrl };
    const bare = await startChild('bare/discovery.mjs', limits);
    const database = await site.database();
    try {
      const limitName = 'the same part through NATS into a table';
      const time = frame.row({
        ...{ figure: `time to effect, ${told} endpoints exchanged`, unit: 'ms', limitName },
        goals: [demand('value', { atMost: 60_000 })],
      });
      const cost = frame.row({
        ...{ figure: `CPU, ${told} endpoints exchanged`, unit: 'µs', limitName },
        perUnit: 'endpoint',
      });
      await apply(site, resources(server));
      let storm = 0;
      await storming(site, kube, database, { storm: (storm += 1), count });
      for (const round of frame.rounds) {
        storm += 1;
        const { result, condition } = await frame.measured(`storm of EndpointSlices, round ${round}`, () =>
          storming(site, kube, database, { storm, count }),
        );
        const { cpu, ms } = result;
        time.add(ms, { condition });
        cost.add(cpu ? sumOf(cpu) : NaN, { cpu, condition });
        const roots = [{ pid: bare.pid, label: 'bare' }];
        const before = processorTime(roots);
        const least = await bare.ask({ endpoints, storm });
        time.addLimit(least.ms);
        cost.addLimit(perUnit(before, processorTime(roots), endpoints)?.bare ?? NaN);
      }
      time.close();
      cost.close();
    } finally {
      await database.end();
      await Promise.all([bare.stop(), kube.stop()]);
    }
  });
}

function resources(server) {
  const pool = resource('VipPool', 'edge', { addresses: ['198.51.100.0/24'] });
  const source = resource('BackendSource', 'k8s', { kubernetes: { server, writeStatus: false } });
  return [pool, source].map((one) => JSON.stringify(one)).join('\n---\n');
}

function resource(kind, name, spec) {
  return { apiVersion: 'balance.signalbox.dev/v1alpha1', kind, metadata: { name }, spec };
}

/** Exchanges all endpoints; resolves when each new one has its weight, and the node serves them. */
async function storming(site, kube, database, { storm, count }) {
  const roots = [{ pid: site.pid }];
  const before = processorTime(roots);
  const generation = await appliedGeneration(site);
  const began = performance.now();
  await until(
    'the source to be watched',
    async () => (await kube.ask({ storm, count, each: EACH })).watchers > 0,
    30_000,
    200,
  );
  await until(
    'all endpoints to have their weight',
    async () => {
      const { rows } = await database.query(
        'select count(*)::integer as n from frontend_targets where starts_with(backend, $1) and effective > 0',
        [`k8s-10.${storm}.`],
      );
      return rows[0].n === count * EACH;
    },
    EFFECT_MS,
    50,
  );
  await until(
    'the node to serve them',
    async () => (await appliedGeneration(site)) > generation,
    EFFECT_MS,
    50,
  );
  const ms = performance.now() - began;
  const used = perUnit(before, processorTime(roots), count * EACH);
  return { ms, cpu: used && Object.fromEntries(SERVICES.map((service) => [service, used[service] ?? 0])) };
}

/** 0 as long as the node has reported nothing. */
async function appliedGeneration(site) {
  const { items } = await rest(site, 'GET', '/v1/nodes');
  return items.find(({ name }) => name === 'local')?.appliedGeneration ?? 0;
}
