// How a plugin is started in a site: inside its resource limits and in what contains it, as the leader of a process group.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../prepare.mjs';

/** Processor time that a process may use: of a plugin with the default timeout. Milliseconds. */
const CPU_MS = 10_000;

/** A built file of plugin-runner. */
export function executionPart(name) {
  return import(
    pathToFileURL(join(ROOT, 'dist', 'apps', 'plugin-runner', 'src', 'execution', `${name}.js`)).href
  );
}

/** What contains the plugins of a directory, as a site finds it out. */
export async function findPlace(pluginDir) {
  const { findContainment } = await executionPart('containment/containment');
  const containment = await findContainment({
    settings: { sandbox: 'auto', sandboxPaths: [] },
    searchPath: process.env.PATH,
    pluginDirs: [pluginDir],
    hidden: [],
  });
  return { pluginDir, containment };
}

/** Starts a program there by the function of the runner that does so, and by nothing else of it. */
export function plainStart({ pluginDir, containment }) {
  const place = { containment, ...(containment.sandbox && { sandboxFor: { pluginDir, network: false } }) };
  return async (path, env = {}) => {
    const { startProcess } = await executionPart('start-process');
    return startProcess({ path, env, searchPath: process.env.PATH, cpuMs: CPU_MS, ...place });
  };
}

/** A request of the size that a site sends. */
export function requestOf(fact, tag = `${'f'.repeat(32)}.1`) {
  return {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginRequest',
    metadata: { name: 'native' },
    spec: {
      trigger: { type: 'federation-subscription', topic: 'routerd.federation.subscription/matching' },
      startupConfigHash: 'f'.repeat(64),
      effectiveGeneration: 1,
      previousDynamicGeneration: 0,
      now: new Date().toISOString(),
      events: [fact],
      context: { resources: [] },
    },
    meta: { protocol: 'v1alpha1', tag, capabilities: ['propose.dynamicConfig'] },
  };
}

/** One process from its start to its end. */
export async function runOnce(start, path, input) {
  const { child, enclosure } = await start(path);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await new Promise((resolve) => child.once('close', resolve));
  await enclosure.close(child.pid);
  if (!output.includes('PluginResult')) throw new Error(`the plugin answered ${output || 'nothing'}`);
}
