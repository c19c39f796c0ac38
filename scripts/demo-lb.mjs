// npm run demo:lb: a listener, three small servers and clients in a loop, and how traffic moves when one of them dies,
// comes back, is drained or gets another weight. --driver haproxy: the same on HAProxy, where it is installed.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Clients, open } from './demo-clients.mjs';
import {
  cli,
  end,
  evidence,
  expect,
  isReady,
  json,
  pickPort,
  pickSitePorts,
  runDemo,
  say,
  startChild,
  startSite,
  stepsSaid,
  until,
} from './demo-site.mjs';
import { lockDemoSite } from './demo-lock.mjs';
import { prepare, ROOT } from './prepare.mjs';

const STATE = join(ROOT, '.signalbox', 'demo', 'lb');
const SITE = join(STATE, 'site');
const NODE = join(STATE, 'node.yaml');
const MANIFEST = relative(process.cwd(), join(ROOT, 'examples', 'load-balancer', 'local.yaml'));
const NAMES = ['s1', 's2', 's3'];
const DRIVERS = ['sim', 'haproxy'];

function chosenDriver() {
  const { values } = parseArgs({ options: { driver: { type: 'string', default: 'sim' } } });
  if (!DRIVERS.includes(values.driver))
    throw new Error(`--driver ${values.driver} is not known: choose ${DRIVERS.join(' or ')}`);
  return values.driver;
}

/** A new site every time. */
async function layOut() {
  mkdirSync(STATE, { recursive: true });
  await lockDemoSite(SITE);
  rmSync(SITE, { recursive: true });
  mkdirSync(SITE);
  const taken = new Set();
  writeFileSync(join(SITE, 'ports.json'), JSON.stringify(await pickSitePorts(taken)));
  const ports = {};
  for (const name of [...NAMES, 'listen']) ports[name] = await pickPort(taken);
  return ports;
}

async function startServer(name, port) {
  const file = join(ROOT, 'scripts', 'demo-tcp-server.mjs');
  const server = startChild(name, [file, name, String(port)]);
  await until(`${name} to listen`, () => server.output.includes('listening'));
  return server;
}

/** The node of this machine with HAProxy: it cannot have the VIP here, so it listens on loopback. */
function haproxyNode(port) {
  const spec = {
    driver: 'haproxy',
    listenMap: [{ vip: '192.0.2.10', listen: '127.0.0.1', listenPort: port }],
  };
  return JSON.stringify({
    apiVersion: 'balance.signalbox.dev/v1alpha1',
    kind: 'Node',
    metadata: { name: 'local' },
    spec,
  });
}

async function run() {
  const driver = chosenDriver();
  await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
  const ports = await layOut();
  const begun = performance.now();

  say('A site starts, and three servers on one address, each on its own port');
  const site = startSite({ name: 'site', node: 'lb-demo', state: SITE });
  await isReady(site);
  const servers = {};
  for (const name of NAMES) {
    servers[name] = await startServer(name, ports[name]);
    evidence(`${name}  pid ${servers[name].child.pid}  127.0.0.1:${ports[name]}`);
  }
  const command = async (...args) => {
    evidence(`$ signalbox ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`);
    evidence(await cli(site, ...args));
  };

  say(`A listener with the three behind it; the node listens where its driver ${driver} can`);
  if (driver === 'haproxy') {
    writeFileSync(NODE, haproxyNode(ports.listen));
    await command('apply', '-f', relative(process.cwd(), NODE), '--set', 'node');
  }
  const vars = NAMES.flatMap((name, at) => ['--var', `port${at + 1}=${ports[name]}`]);
  await command('apply', '-f', MANIFEST, ...vars);
  const place = await until('the node to listen, with all three', async () => {
    const { operatingStatus, nodes } = await json(site, 'show', 'listeners', 'web');
    return (
      operatingStatus === 'online' && nodes[0]?.state === 'applied' && nodes[0].current && nodes[0].listensAt
    );
  });
  await command('show', 'listeners', 'web');

  const clients = new Clients(place, NAMES);
  const becomes = (distribution) => clients.becomes(distribution);
  try {
    say('Clients connect, one after the other: each server has a third');
    await becomes({ s1: 20, s2: 20, s3: 20 });

    say('s2 is killed (SIGKILL): the other two have everything');
    await end(servers.s2, 'SIGKILL');
    await becomes({ s1: 30, s3: 30 });

    say('s2 is started again: two good probes, and it has its third again');
    servers.s2 = await startServer('s2', ports.s2);
    await becomes({ s1: 20, s2: 20, s3: 20 });

    say('s3 is drained: what is connected goes on, nobody new comes');
    const standing = await connectedTo('s3', place);
    await command('drain', 's3', '--reason', 'new disks');
    await becomes({ s1: 30, s2: 30 });
    expect('what the standing connection to s3 echoes', await echoOf(standing), 'still here');
    standing.destroy();

    say('… and taken back');
    await command('undrain', 's3');
    await becomes({ s1: 20, s2: 20, s3: 20 });

    say('s1 gets a weight of 50, s2 and s3 keep 100');
    await command(
      'set',
      'frontend',
      'web',
      'pool',
      'web',
      'backend',
      's1',
      'weight',
      '50',
      '--reason',
      'canary',
    );
    await becomes({ s1: 12, s2: 24, s3: 24 });
    await command('show', 'listeners', 'web');
  } finally {
    clients.stop();
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`\nDone: all ${stepsSaid()} steps hold (${seconds} s, the start of the site included).`);
}

/** A connection that this server has. */
async function connectedTo(name, place) {
  return until(`a connection to ${name}`, async () => {
    const socket = await open(place);
    if (socket.name === name) return socket;
    socket.destroy();
    return undefined;
  });
}

async function echoOf(socket) {
  const [line] = await new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the standing connection was closed')));
    socket.lines.once('line', (text) => resolve([text]));
    socket.write('still here\n');
  });
  return line;
}

await runDemo(run);
