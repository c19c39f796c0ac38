// npm run demo:ha: two load-balancing nodes behind a router, and clients whose connections stand while a node is killed, a cable is cut
// and a node is drained. Linux, as root; installs nothing.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  cli,
  evidence,
  expect,
  isReady,
  json,
  pickSitePorts,
  runDemo,
  say,
  startSite,
  stepsSaid,
  until,
} from './demo-site.mjs';
import { lockDemoSite } from './demo-lock.mjs';
import { NODES, TARGETS, VIP } from './ha/plan.mjs';
import { whatLacks } from './ha/programs.mjs';
import { trial } from './ha/trial.mjs';
import { World } from './ha/world.mjs';
import { prepare, ROOT } from './prepare.mjs';

const STATE = join(ROOT, '.signalbox', 'demo', 'ha');
const SITE = join(STATE, 'site');
const MANIFEST = relative(process.cwd(), join(ROOT, 'examples', 'several-nodes', 'demo.yaml'));
const CONNECTIONS = 60;
/** Each connection sends a line so often. Milliseconds. */
const EVERY_MS = 10;

/** A new site every time; its NATS has the port that it gives back. */
async function layOut() {
  mkdirSync(STATE, { recursive: true });
  await lockDemoSite(SITE);
  rmSync(SITE, { recursive: true });
  mkdirSync(SITE);
  writeFileSync(join(SITE, 'ports.json'), JSON.stringify(await pickSitePorts(new Set())));
}

async function run() {
  const lack = whatLacks();
  if (lack !== undefined) throw new Error(`this demo cannot run here: ${lack}`);
  await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
  await layOut();
  const begun = performance.now();
  const world = await World.open();
  try {
    await show(world);
  } catch (error) {
    for (const [name, { agent, bird }] of Object.entries(world.nodes))
      console.error(
        `--- agent of ${name}\n${agent.output.slice(-2000)}\n--- BIRD of ${name}\n${bird.output}`,
      );
    throw error;
  } finally {
    await world.close();
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`\nDone: all ${stepsSaid()} steps hold, no connection was lost (${seconds} s).`);
}

async function show(world) {
  say('A router, two load-balancing nodes, three targets and a client, each in a network namespace');
  for (const machine of ['router', ...NODES, ...TARGETS])
    evidence(`${machine.padEnd(7)} ${world.addressOf(machine)}`);
  evidence(`VIP     ${VIP}, which the targets have on loopback: they answer clients themselves`);

  say('A site starts, and an agent on each node. Both announce the VIP to the router, which spreads clients');
  const site = startSite({ name: 'site', node: 'ha-demo', state: SITE });
  await isReady(site);
  await world.joinSite(JSON.parse(readFileSync(join(SITE, 'ports.json'), 'utf8')).nats);
  for (const node of NODES) await world.startNode(node);
  const command = async (...args) => {
    evidence(`$ signalbox ${args.join(' ')}`);
    evidence(await cli(site, ...args));
  };
  await command('apply', '-f', MANIFEST, '--var', `segment=${world.segment}`);
  const bothServe = () => until('both nodes to have the same table', () => haveOneTable(site));
  await bothServe();
  await until('the router to have a way by each node', () => world.routes().length === NODES.length);
  evidence(world.namespaces.ip('router', `route show ${VIP}`));
  await command('show', 'vips');

  say(`${CONNECTIONS} connections, each with a line every ${EVERY_MS} ms that its target sends back`);
  await world.connect(CONNECTIONS, EVERY_MS);
  const shown = async (title, event, routes, ...after) => {
    const report = await trial(world, { event, routes, until });
    evidence(lineOf(title, report));
    expect('what was lost', report.lost, []);
    for (const args of after) await command(...args);
  };
  await shown('nothing', () => {}, NODES);

  say('n1 is killed: kill -9 of all that runs on it, then its links go');
  await shown('killed', () => world.killNode('n1'), ['n2'], ['show', 'vips']);

  say('n1 is switched on again, with what is on its disk');
  await shown('started', () => world.bootNode('n1'), NODES);
  await bothServe();

  say('The cable of n2 breaks without a word: BFD finds out');
  await shown('cut', () => world.cables.cut('segment', 'n2'), ['n1'], ['show', 'vips']);

  say('… and is plugged in again');
  await shown('plugged in', () => world.cables.mend('segment', 'n2'), NODES);
  await bothServe();

  say('n1 is drained, for maintenance');
  const drain = () => command('node', 'drain', 'n1', '--reason', 'new disks', '--wait');
  await shown('drained', drain, ['n2'], ['show', 'vips']);

  say('… and taken back');
  await shown('taken back', () => command('node', 'undrain', 'n1', '--wait'), NODES, ['show', 'nodes']);
  await bothServe();
  await until('the digests of both nodes to be equal', async () => {
    const digests = (await json(site, 'show', 'nodes'))
      .filter(({ name }) => NODES.includes(name))
      .map(({ trafficDigest }) => trafficDigest);
    return digests[0] !== undefined && digests[0] === digests[1];
  });
  await command('show', 'listeners', 'web');
}

/** Whether both nodes serve the newest state, with one table. */
async function haveOneTable(site) {
  const { nodes, provisioningStatus, digestsAgree } = await json(site, 'show', 'listeners', 'web');
  return (
    nodes.length === NODES.length && provisioningStatus === 'active' && digestsAgree && nodes.every(isServing)
  );
}

const isServing = ({ state, current, tableDigest }) => state === 'applied' && current && tableDigest;

function lineOf(title, { connections, alive, longestGapMs, longGaps }) {
  return `${title}: ${alive} of ${connections} connections alive, longest gap ${longestGapMs} ms, ${longGaps} above 100 ms`;
}

await runDemo(run);
