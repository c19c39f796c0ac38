import type { ServiceName } from '@signalbox/contracts';
import type { Service } from '@signalbox/runtime';

/** Loads the modules of the wanted services only, so that `--only` costs what it starts. */
export async function loadServices(names: readonly ServiceName[]): Promise<Service[]> {
  return Promise.all(names.map((name) => LOADERS[name]()));
}

const LOADERS: Record<ServiceName, () => Promise<Service>> = {
  api: async () => (await import('../../api/src/api.module.js')).API,
  ingest: async () => (await import('../../ingest/src/ingest.module.js')).INGEST,
  federation: async () => (await import('../../federation/src/federation.module.js')).FEDERATION,
  matcher: async () => (await import('../../matcher/src/matcher.module.js')).MATCHER,
  'plugin-runner': async () =>
    (await import('../../plugin-runner/src/plugin-runner.module.js')).PLUGIN_RUNNER,
  renderer: async () => (await import('../../renderer/src/renderer.module.js')).RENDERER,
  health: async () => (await import('../../health/src/health.module.js')).HEALTH,
  balancer: async () => (await import('../../balancer/src/balancer.module.js')).BALANCER,
  sinks: async () => (await import('../../sinks/src/sinks.module.js')).SINKS,
  'dataplane-agent': async () => (await import('../../dataplane-agent/src/agent.module.js')).DATAPLANE_AGENT,
};
