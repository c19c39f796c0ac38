// npm run demo: two sites on this machine. A fact emitted on-premises becomes a RemoteAddressClaim in the cloud.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { prepare, ROOT } from './prepare.mjs';

const STATE = join(ROOT, '.signalbox', 'demo');
const DEADLINE_MS = 30_000;
const SITES = [
  { name: 'onprem', node: 'onprem-event-node', manifest: 'sender-onprem.yaml' },
  { name: 'cloud', node: 'cloud-event-node', manifest: 'receiver-cloud.yaml' },
];
const GROUP = 'cloudedge';
const ADDRESS = '10.88.60.9/32';

const running = [];
let step = 0;

/** Says what a step shows; the evidence stands below it. */
function say(title) {
  step += 1;
  console.log(`\n${step}. ${title}`);
}

function evidence(text) {
  console.log(text.trimEnd().replace(/^/gm, '     '));
}

/** A port that is free now, in the range of the demo. Kept for later starts. */
async function pickPort(taken) {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if (taken.has(port)) continue;
    const free = await new Promise((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (free) {
      taken.add(port);
      return port;
    }
  }
}

/** Ports and the shared key of the demo: made once, used by every later start. */
async function layOut() {
  const file = join(STATE, 'ports.json');
  mkdirSync(STATE, { recursive: true });
  if (!existsSync(file)) {
    const taken = new Set();
    const ports = { listen: await pickPort(taken) };
    for (const { name } of SITES) {
      ports[name] = {
        api: await pickPort(taken),
        nats: await pickPort(taken),
        postgres: await pickPort(taken),
      };
    }
    writeFileSync(file, `${JSON.stringify(ports, null, 2)}\n`);
  }
  const ports = JSON.parse(readFileSync(file, 'utf8'));
  const keyFile = join(STATE, 'edge.key');
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32).toString('hex'), { mode: 0o600 });
  for (const { name } of SITES) {
    const state = join(STATE, name);
    mkdirSync(state, { recursive: true });
    mkdirSync(join(state, 'secrets'), { recursive: true, mode: 0o700 });
    writeFileSync(join(state, 'secrets', 'edge.key'), readFileSync(keyFile), { mode: 0o600 });
    if (!existsSync(join(state, 'ports.json')))
      writeFileSync(join(state, 'ports.json'), JSON.stringify(ports[name]));
  }
  return ports;
}

function start({ name, node }) {
  const main = join(ROOT, 'dist', 'apps', 'standalone', 'src', 'main.js');
  const env = {
    ...process.env,
    SIGNALBOX_NODE: node,
    SIGNALBOX_CACHE_DIR: join(ROOT, '.signalbox', 'cache'),
  };
  for (const own of ['NATS_URL', 'DATABASE_URL', 'HTTP_PORT']) delete env[own];
  const child = spawn(process.execPath, [main, '--state', join(STATE, name)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const site = { name, child, output: '', ready: false };
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      site.output += text;
      if (text.includes('Signalbox is ready')) site.ready = true;
    });
  }
  running.push(site);
  return site;
}

/** Waits for a condition. The deadline is the only clock in the demo. */
async function until(what, check, deadlineMs = DEADLINE_MS) {
  for (const end = Date.now() + deadlineMs; ;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${deadlineMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function cli(site, ...args) {
  const env = { ...process.env, SIGNALBOX_CONTEXT: join(STATE, site, 'context.json') };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin', 'signalbox'), ...args], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`signalbox ${args.join(' ')} (${site}) exited ${status}\n${stderr}`);
  return stdout;
}

function json(site, ...args) {
  return JSON.parse(cli(site, ...args, '-o', 'json'));
}

function expect(what, actual, wanted) {
  if (JSON.stringify(actual) !== JSON.stringify(wanted)) {
    throw new Error(`${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(wanted)}`);
  }
}

async function run() {
  prepare({ log: (line) => console.error(`signalbox: ${line}`) });
  const ports = await layOut();

  say('Two sites start, each with its own NATS, database and ports');
  const sites = SITES.map(start);
  for (const site of sites) {
    await until(
      `${site.name} to be ready`,
      () => {
        if (site.child.exitCode !== null) throw new Error(`${site.name} did not start:\n${site.output}`);
        return site.ready;
      },
      120_000,
    );
  }
  evidence(
    SITES.map(
      ({ name, node }) => `${name.padEnd(8)} ${node.padEnd(20)} API http://127.0.0.1:${ports[name].api}`,
    ).join('\n'),
  );

  say('The cloud site listens, subscribes and trusts one plugin; the on-premises site has one peer');
  const peer = `http://127.0.0.1:${ports.listen}`;
  const manifest = (name) => join(ROOT, 'examples', 'event-federation', name);
  evidence(
    cli('cloud', 'apply', '-f', manifest('receiver-cloud.yaml'), '--var', `listenPort=${ports.listen}`),
  );
  evidence(cli('onprem', 'apply', '-f', manifest('sender-onprem.yaml'), '--var', `peerUrl=${peer}`));

  say(`A client is seen on-premises: one fact about ${ADDRESS}`);
  const id = `evt-demo-${randomBytes(6).toString('hex')}`;
  const started = performance.now();
  const emitted = cli(
    'onprem',
    'event',
    'emit',
    '--group',
    GROUP,
    '--type',
    'routerd.client.ipv4.observed',
    '--subject',
    ADDRESS,
    '--payload',
    'domain=edge-lan',
    '--payload',
    'ownerSide=onprem',
    '--ttl',
    '30m',
    '--id',
    id,
  );
  evidence(emitted);

  say('It is pushed to the cloud site, signed, and stored there under the same id');
  const delivery = await until('the delivery', () =>
    json('onprem', 'event', 'deliveries', '--group', GROUP, '--event-id', id).find(
      ({ status }) => status === 'delivered',
    ),
  );
  expect('attempts of the delivery', delivery.attempts, 1);
  evidence(cli('onprem', 'event', 'deliveries', '--group', GROUP, '--event-id', id));
  const stored = await until('the fact in the cloud', () =>
    json('cloud', 'event', 'list', '--group', GROUP).find((event) => event.id === id),
  );
  expect('source of the stored fact', stored.sourceNode, 'onprem-event-node');

  say('The subscription starts the plugin; its result is accepted as a part');
  const done = await until('the run', () =>
    json('cloud', 'run', 'list', '--event-id', id).find(
      ({ state }) => state === 'succeeded' || state === 'failed',
    ),
  );
  expect('state of the run', done.state, 'succeeded');
  expect('exit code of the plugin', done.executions.at(-1).exitCode, 0);
  evidence(cli('cloud', 'run', 'list', '--event-id', id));
  const part = await until('the part', () =>
    json('cloud', 'dynamic', 'list').find(
      ({ source, state }) => source === done.source && state === 'active',
    ),
  );
  evidence(cli('cloud', 'dynamic', 'list', '--state', 'active'));

  say('The claim stands in the effective config, with the four annotations that say where it comes from');
  const claim = await until('the claim', () =>
    json('cloud', 'dynamic', 'render').spec.resources.find(
      ({ kind, metadata }) =>
        kind === 'RemoteAddressClaim' && metadata.annotations?.['routerd.net/event-id'] === id,
    ),
  );
  expect('address of the claim', claim.spec.address, ADDRESS);
  expect(
    'owner of the claim',
    claim.metadata.annotations['routerd.net/dynamic-source'],
    'EventSubscription/cloud-claims',
  );
  evidence(JSON.stringify(claim, null, 2));
  evidence(cli('cloud', 'dynamic', 'diff'));

  say('And it can be explained');
  evidence(cli('cloud', 'event', 'explain', id, '--group', GROUP));
  console.log(
    `\nDone: ${part.source} generation ${part.generation}. All ${step} steps hold (${((performance.now() - started) / 1000).toFixed(1)} s after the emit, CLI calls included).`,
  );
}

async function stop() {
  await Promise.all(
    running.map(({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return undefined;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      return gone;
    }),
  );
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void stop().then(() => process.exit(130)));
try {
  await run();
} catch (error) {
  console.error(`\nStep ${step} failed: ${error.message}`);
  for (const { name, output } of running) console.error(`\n--- output of ${name}\n${output.slice(-4000)}`);
  process.exitCode = 1;
} finally {
  await stop();
}
