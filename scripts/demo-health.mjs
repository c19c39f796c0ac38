// npm run demo:health: three web servers on this machine, and what happens to their traffic when some of them die.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { LiveEvents } from './demo-events.mjs';
import { lockDemoSite } from './demo-lock.mjs';
import {
  cli,
  end,
  evidence,
  expect,
  isFree,
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
import { prepare, ROOT } from './prepare.mjs';

const STATE = join(ROOT, '.signalbox', 'demo', 'health');
const SITE = join(STATE, 'site');
const PORTS = join(STATE, 'ports.json');
const MANIFEST = relative(process.cwd(), join(ROOT, 'examples', 'maglev', 'local.yaml'));
/** All have one port, which their check names, so each has an address of its own. */
const SERVERS = { web1: '127.0.0.11', web2: '127.0.0.12', web3: '127.0.0.13' };
const ADDRESSES = Object.values(SERVERS);
const PLACE = ['frontend', 'shop', 'pool', 'primary', 'backend', 'web1', 'weight'];

/** A new site every time; the ports stay, unless somebody else has taken the one of the servers. */
async function layOut() {
  mkdirSync(STATE, { recursive: true });
  await removeLastSite();
  const kept = existsSync(PORTS) ? JSON.parse(readFileSync(PORTS, 'utf8')) : undefined;
  const taken = new Set(kept ? Object.values(kept.site) : []);
  const ports = { site: kept?.site ?? (await pickSitePorts(taken)), web: kept?.web };
  if (ports.web === undefined || !(await isFree(ports.web, ADDRESSES)))
    ports.web = await pickPort(taken, ADDRESSES);
  writeFileSync(PORTS, `${JSON.stringify(ports, null, 2)}\n`);
  mkdirSync(SITE);
  writeFileSync(join(SITE, 'ports.json'), JSON.stringify(ports.site));
  return ports;
}

/** Refuses while that site runs. */
async function removeLastSite() {
  await lockDemoSite(SITE);
  rmSync(SITE, { recursive: true });
}

/** Linux answers on all of 127/8; macOS has 127.0.0.1 alone until it is told of more. */
function explainAddresses(error) {
  if (error.code !== 'EADDRNOTAVAIL') throw error;
  const aliases = ADDRESSES.map((address) => `sudo ifconfig lo0 alias ${address}`);
  throw new Error(
    `the three servers need addresses that this machine does not have; on macOS give it these until its next start:\n  ${aliases.join('\n  ')}`,
  );
}

async function startServer(name, port) {
  const file = join(ROOT, 'scripts', 'demo-web-server.mjs');
  const server = startChild(name, [file, name, SERVERS[name], String(port)]);
  await until(`${name} to listen`, () => server.output.includes('listening'));
  return server;
}

async function run() {
  await prepare({ log: (line) => console.error(`signalbox: ${line}`) });
  const ports = await layOut().catch(explainAddresses);
  const begun = performance.now();

  say('A site starts, with its own NATS, database and ports, and three web servers beside it');
  const site = startSite({ name: 'site', node: 'health-demo', state: SITE });
  await isReady(site);
  const servers = {};
  for (const name of Object.keys(SERVERS)) servers[name] = await startServer(name, ports.web);
  for (const [name, { child }] of Object.entries(servers)) {
    const url = `http://${SERVERS[name]}:${ports.web}/`;
    const said = (await (await fetch(url)).text()).trim();
    evidence(`${name}  pid ${child.pid}  ${url}  "${said}"`);
  }

  const events = new LiveEvents(site);
  const begin = (title) => {
    say(title);
    events.beginStep();
  };
  const command = async (...args) => {
    evidence(`$ signalbox ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`);
    evidence(await cli(site, ...args));
  };
  const serving = async () => {
    const { activePool, pools } = await json(site, 'show', 'frontends', 'shop');
    const weights = pools.flatMap(({ backends }) => backends.map(({ name, effective }) => [name, effective]));
    return { activePool, ...Object.fromEntries(weights) };
  };

  begin('A maglev.yaml: web1 and web2 serve, web3 is the fallback. Probes find all three up');
  await command('apply', '-f', MANIFEST, '--var', `port=${ports.web}`);
  for (const name of Object.keys(SERVERS)) await events.seen(name, 'up');
  await events.weigh({ web1: 100, web2: 100, web3: 0 });
  await command('show', 'frontends', 'shop');

  begin('web1 is killed (SIGKILL): its weight is 0, web2 serves alone');
  await end(servers.web1, 'SIGKILL');
  await events.seen('web1', 'down');
  await events.weigh({ web1: 0, web2: 100 });
  expect('what serves', await serving(), { activePool: 'primary', web1: 0, web2: 100, web3: 0 });

  begin('web2 is killed too: the fallback pool takes over, and every weight says why');
  await end(servers.web2, 'SIGKILL');
  await events.seen('web2', 'down');
  await events.weigh({ web2: 0, web3: 100 });
  expect('what serves', await serving(), { activePool: 'fallback', web1: 0, web2: 0, web3: 100 });
  await command('show', 'frontends', 'shop');

  begin('Two alarms');
  const alarms = await json(site, 'show', 'alarms');
  expect(
    'the alarms',
    alarms.map(({ kind, name }) => `${kind} ${name}`),
    ['backend-down web1', 'backend-down web2'],
  );
  await command('show', 'alarms');

  begin('Both come back: two good probes each, and the primary pool has the traffic again');
  for (const name of ['web1', 'web2']) servers[name] = await startServer(name, ports.web);
  for (const name of ['web1', 'web2']) await events.seen(name, 'up');
  await events.weigh({ web1: 100, web2: 100, web3: 0 });
  expect('what serves', await serving(), { activePool: 'primary', web1: 100, web2: 100, web3: 0 });
  expect('the alarms', await json(site, 'show', 'alarms'), []);

  begin('An operator takes web2 out: when the command ends, the weight is 0');
  await command('set', 'backend', 'web2', 'disable', '--reason', 'disk swap');
  expect('what serves', await serving(), { activePool: 'primary', web1: 100, web2: 0, web3: 0 });
  await events.seen('web2', 'disabled');
  await events.weigh({ web2: 0 });

  begin('… and back in: unknown until the next probe, which decides');
  await command('set', 'backend', 'web2', 'enable', '--reason', 'disk is new');
  await events.seen('web2', 'unknown', 'up');
  await events.weigh({ web2: 100 });

  begin('A weight for 2 s: 10 instead of 100 for web1, then what the file says again');
  await command('set', ...PLACE, '10', '--expires', '2s', '--reason', 'canary');
  await events.weighed('web1', 10, 100);
  expect('what serves', await serving(), { activePool: 'primary', web1: 100, web2: 100, web3: 0 });

  begin('All of it is in the history of web2, with who and why');
  const { transitions } = await json(site, 'show', 'backends', 'web2');
  expect(
    'its states, newest first',
    transitions.map(({ to }) => to),
    ['up', 'unknown', 'disabled', 'up', 'down', 'up', 'unknown'],
  );
  await command('show', 'backends', 'web2');

  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(`\nDone: all ${stepsSaid()} steps hold (${seconds} s, the start of the site included).`);
}

await runDemo(run);
