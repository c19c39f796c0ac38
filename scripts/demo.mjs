// npm run demo: two sites on this machine. A fact emitted on-premises becomes a RemoteAddressClaim in the cloud.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cli,
  evidence,
  expect,
  isReady,
  json,
  pickPort,
  pickSitePorts,
  runDemo,
  say,
  startSite,
  stepsSaid,
  until,
} from './demo-site.mjs';
import { prepare, ROOT } from './prepare.mjs';

const STATE = join(ROOT, '.signalbox', 'demo');
const SITES = [
  { name: 'onprem', node: 'onprem-event-node' },
  { name: 'cloud', node: 'cloud-event-node' },
];
const GROUP = 'cloudedge';
const ADDRESS = '10.88.60.9/32';

/** Ports and the shared key of the demo: made once, used by every later start. */
async function layOut() {
  const file = join(STATE, 'ports.json');
  mkdirSync(STATE, { recursive: true });
  if (!existsSync(file)) {
    const taken = new Set();
    const ports = { listen: await pickPort(taken) };
    for (const { name } of SITES) ports[name] = await pickSitePorts(taken);
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

async function run() {
  await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
  const ports = await layOut();

  say('Two sites start, each with its own NATS, database and ports');
  const [onprem, cloud] = SITES.map(({ name, node }) => startSite({ name, node, state: join(STATE, name) }));
  for (const site of [onprem, cloud]) await isReady(site);
  evidence(
    SITES.map(
      ({ name, node }) => `${name.padEnd(8)} ${node.padEnd(20)} API http://127.0.0.1:${ports[name].api}`,
    ).join('\n'),
  );

  say('The cloud site listens, subscribes and trusts one plugin; the on-premises site has one peer');
  const peer = `http://127.0.0.1:${ports.listen}`;
  const manifest = (name) => join(ROOT, 'examples', 'event-federation', name);
  evidence(
    await cli(cloud, 'apply', '-f', manifest('receiver-cloud.yaml'), '--var', `listenPort=${ports.listen}`),
  );
  evidence(await cli(onprem, 'apply', '-f', manifest('sender-onprem.yaml'), '--var', `peerUrl=${peer}`));

  say(`A client is seen on-premises: one fact about ${ADDRESS}`);
  const id = `evt-demo-${randomBytes(6).toString('hex')}`;
  const started = performance.now();
  const emitted = await cli(
    onprem,
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
  const delivery = await until('the delivery', async () =>
    (await json(onprem, 'event', 'deliveries', '--group', GROUP, '--event-id', id)).find(
      ({ status }) => status === 'delivered',
    ),
  );
  expect('attempts of the delivery', delivery.attempts, 1);
  evidence(await cli(onprem, 'event', 'deliveries', '--group', GROUP, '--event-id', id));
  const stored = await until('the fact in the cloud', async () =>
    (await json(cloud, 'event', 'list', '--group', GROUP)).find((event) => event.id === id),
  );
  expect('source of the stored fact', stored.sourceNode, 'onprem-event-node');

  say('The subscription starts the plugin; its result is accepted as a part');
  const done = await until('the run', async () =>
    (await json(cloud, 'run', 'list', '--event-id', id)).find(
      ({ state }) => state === 'succeeded' || state === 'failed',
    ),
  );
  expect('state of the run', done.state, 'succeeded');
  expect('exit code of the plugin', done.executions.at(-1).exitCode, 0);
  evidence(await cli(cloud, 'run', 'list', '--event-id', id));
  const part = await until('the part', async () =>
    (await json(cloud, 'dynamic', 'list')).find(
      ({ source, state }) => source === done.source && state === 'active',
    ),
  );
  evidence(await cli(cloud, 'dynamic', 'list', '--state', 'active'));

  say('The claim stands in the effective config, with the four annotations that say where it comes from');
  const claim = await until('the claim', async () =>
    (await json(cloud, 'dynamic', 'render')).spec.resources.find(
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
  evidence(await cli(cloud, 'dynamic', 'diff'));

  say('And it can be explained');
  evidence(await cli(cloud, 'event', 'explain', id, '--group', GROUP));
  console.log(
    `\nDone: ${part.source} generation ${part.generation}. All ${stepsSaid()} steps hold (${((performance.now() - started) / 1000).toFixed(1)} s after the emit, CLI calls included).`,
  );
}

await runDemo(run);
