// Runs of a plugin by the runner's own function, and the least that does the same: a spawn, or a line to a process that stands.
import { answer, built } from './domain-of.mjs';
import { findPlace, plainStart, requestOf, runOnce } from '../plugin-start.mjs';

const { executePlugin } = await built('apps/plugin-runner/src/execution/execute-plugin.js');
const { PluginPools } = await built('apps/plugin-runner/src/execution/persistent/plugin-pools.js');
const { validateProposed } = await built('apps/renderer/src/domain/proposable.js');

const { pluginDir, processes } = JSON.parse(process.argv[2]);
const place = await findPlace(pluginDir);
const start = plainStart(place);
const pools = new PluginPools();
const echoes = new Map();
let count = 0;

const WAYS = {
  oneshot: (path) => execute(path, 'oneshot'),
  persistent: (path) => execute(path, 'persistent'),
  spawn: (path) => runOnce(start, path, JSON.stringify(nextRequest())),
  echo: async (path) => {
    if (!echoes.has(path))
      echoes.set(
        path,
        Array.from({ length: processes }, () => startEcho(path)),
      );
    const request = nextRequest();
    const ask = await echoes.get(path)[count % processes];
    return ask(request);
  },
};

answer(
  async ({ way, path, lanes, seconds }) => {
    const times = [];
    const end = performance.now() + seconds * 1000;
    const began = performance.now();
    await Promise.all(
      Array.from({ length: lanes }, async () => {
        for (let from = performance.now(); from < end; from = performance.now()) {
          await WAYS[way](path);
          times.push(performance.now() - from);
        }
      }),
    );
    const rate = (times.length * 1000) / (performance.now() - began);
    return {
      rate,
      runs: times.length,
      times: summary(times),
      contained: place.containment.sandbox !== undefined,
    };
  },
  async () => {
    await pools.stop();
    for (const asks of echoes.values()) for (const ask of asks) (await ask).end();
  },
);

function nextRequest() {
  count += 1;
  const address = `10.${(count >> 16) & 255}.${(count >> 8) & 255}.${count & 255}`;
  const fact = {
    id: `fact-${count}`,
    group: 'default',
    type: 'routerd.client.ipv4.observed',
    subject: `${address}/32`,
    payload: { ownerSide: 'onprem', pad: 'x'.repeat(300) },
    observedAt: new Date().toISOString(),
  };
  return requestOf(fact, `run-${count}.1`);
}

async function execute(executable, mode) {
  const spec = specs.get(`${mode} ${executable}`) ?? newSpec(executable, mode);
  const { error } = await executePlugin({
    ...{ name: `${mode} ${executable}`, spec, pluginDirs: [pluginDir], searchPath: process.env.PATH },
    ...{
      containment: place.containment,
      request: nextRequest(),
      nowMs: Date.now(),
      validate: validateProposed,
      pools,
    },
  });
  if (error) throw error;
}

/** One object for each, as a site has it: what a spec says is read once. */
const specs = new Map();
function newSpec(executable, mode) {
  const spec = { executable, mode, capabilities: ['propose.dynamicConfig'], concurrency: processes };
  specs.set(`${mode} ${executable}`, spec);
  return spec;
}

/** One process that stands; answers are told apart by their tags. */
async function startEcho(path) {
  const { child } = await start(path, { SIGNALBOX_PLUGIN_MODE: 'persistent' });
  const waiting = new Map();
  let input = '';
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (input + text).split('\n');
    input = lines.pop();
    for (const line of lines) {
      const { tag } = JSON.parse(line).meta;
      waiting.get(tag)();
      waiting.delete(tag);
    }
  });
  const ask = (request) =>
    new Promise((resolve) => {
      waiting.set(request.meta.tag, resolve);
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return Object.assign(ask, { end: () => child.stdin.end() });
}

function summary(times) {
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];
  return { p50: at(0.5), p99: at(0.99) };
}
