// How fast a VIP is at a router, and gone there: the announcers beside the daemons alone, told by their own commands.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { built } from './alone/domain-of.mjs';
import { NODE_AS, ROUTER_AS, RouterWorld, until, whatLacks } from './bgp-router.mjs';
import { demand } from './goals.mjs';
import { percentile } from './statistics.mjs';

/** What is seen of routers is a few milliseconds. */
const GOAL = [demand('value', { atMost: 50 })];

/** VIPs in one change. */
const MANY = 200;

const PATIENT = { deadlineMs: 30_000 };

/** Measures it, or says why it cannot. */
export async function benchBgp(frame) {
  const lack = whatLacks();
  if (lack !== undefined) {
    frame.leftOut(`VIPs by BGP: ${lack}`);
    return;
  }
  const hasGobgp = !['gobgpd', 'gobgp'].some((program) => spawnSync(program, ['--help']).error);
  if (!hasGobgp) frame.leftOut('VIPs by gobgpd: gobgpd is not installed');
  frame.title('bgp, a VIP from the call of the announcer to the router');
  const nodes = ['bird', 'bare-bird', ...(hasGobgp ? ['gobgp', 'bare-gobgp'] : [])];
  const world = new RouterWorld(nodes);
  try {
    await world.start();
    const speakers = nodes.map((name, at) => new SPEAKERS[name](world, name, at));
    for (const speaker of speakers) await speaker.start();
    for (const name of nodes) await world.untilSession(name);
    await comesAndGoes(frame, world, 'BIRD', speakers.slice(0, 2));
    if (hasGobgp) await comesAndGoes(frame, world, 'gobgpd', speakers.slice(2));
    for (const speaker of speakers) await speaker.close?.();
  } finally {
    await world.close();
  }
}

async function comesAndGoes(frame, world, daemon, [ours, bare]) {
  const limitName = `${daemon} alone, by its command`;
  const row = (figure, goals) => frame.row({ figure: `${daemon}: ${figure}`, unit: 'ms', limitName, goals });
  const rows = {
    announce: row('announced at the router, p50', GOAL),
    withdraw: row('withdrawn at the router, p50', GOAL),
    manyIn: row(`${MANY} VIPs in one change, announced`, []),
    manyOut: row(`${MANY} VIPs in one change, withdrawn`, []),
  };
  const changes = frame.scaled(100, 20);
  for (const round of frame.rounds)
    for (const [add, speaker] of [
      ['add', ours],
      ['addLimit', bare],
    ]) {
      const what = `VIPs by ${daemon}, ${add === 'add' ? 'announcer' : 'alone'}, round ${round}`;
      const { result, condition } = await frame.measured(what, () => change(world, speaker, changes));
      for (const [name, value] of Object.entries(result)) rows[name][add](value, { condition });
    }
  for (const one of Object.values(rows)) one.close();
}

async function change(world, speaker, changes) {
  const [kept, vip] = [speaker.vip(1), speaker.vip(2)];
  await world.untilTold('added', [kept], () => speaker.tell([kept]));
  const [came, went] = [[], []];
  for (let made = 0; made < changes; made += 1) {
    came.push(await world.untilTold('added', [vip], () => speaker.tell([kept, vip])));
    await speaker.done;
    went.push(await world.untilTold('removed', [vip], () => speaker.tell([kept])));
    await speaker.done;
  }
  const many = Array.from({ length: MANY }, (_, number) => speaker.vip(number + 10));
  const manyIn = await world.untilCount(speaker.name, MANY + 1, () => speaker.tell([kept, ...many]));
  const manyOut = await world.untilCount(speaker.name, 1, () => speaker.tell([kept]));
  await world.untilTold('removed', [kept], () => speaker.tell([]));
  await speaker.done;
  const half = (times) =>
    percentile(
      times.sort((a, b) => a - b),
      0.5,
    );
  return { announce: half(came), withdraw: half(went), manyIn, manyOut };
}

/** Who tells a router of VIPs. `tell` makes exactly these prefixes announced; `done`: it has said so itself. */
class Speaker {
  done = Promise.resolve();

  constructor(world, name, at) {
    Object.assign(this, { world, name, at });
  }

  vip(number) {
    return `192.0.${10 + this.at}.${number}/32`;
  }

  tell(prefixes) {
    this.done = this.bring(prefixes);
    return this.done;
  }

  birdConf(include) {
    return `${this.world.head(this.world.addressOf(this.at))}include "${include}";\n`;
  }
}

/** One of our announcers. */
class Announcing extends Speaker {
  bring(prefixes) {
    const peer = {
      ...{ name: 'tor', address: this.world.routerOf(this.at), port: 179, asn: ROUTER_AS, localAsn: NODE_AS },
      ...{ holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 1 },
    };
    const vips = prefixes.map((prefix) => ({
      ...{ address: prefix.split('/')[0], announcement: 'bench', listeners: ['web'], interface: 'lo' },
      ...{
        method: this.announcer.method,
        withdrawWithoutTargets: true,
        drainMs: 0,
        route: { peers: ['tor'] },
      },
    }));
    const wanted = { node: 'bench', prefixes: ['192.0.0.0/16'], peers: [peer], vips };
    return this.announcer.apply({ ...wanted, routerId: this.world.addressOf(this.at) }, PATIENT);
  }

  close() {
    return this.announcer.close();
  }
}

class OurBird extends Announcing {
  async start() {
    const { BirdAnnouncer } = await built('apps/dataplane-agent/src/announcers/bird/bird-announcer.js');
    const places = { include: this.world.pathOf('ours.conf'), socket: this.world.pathOf(`${this.name}.ctl`) };
    writeFileSync(places.include, '');
    await this.world.bird(this.name, this.birdConf(places.include));
    this.announcer = new BirdAnnouncer(places);
    await this.tell([]);
  }
}

class OurGobgp extends Announcing {
  async start() {
    const { GobgpAnnouncer } = await built('apps/dataplane-agent/src/announcers/gobgp/gobgp-announcer.js');
    await startGobgp(this);
    this.announcer = new GobgpAnnouncer(`unix:${socketOf(this)}`);
    await this.tell([]);
  }
}

/** BIRD and a file that somebody writes; its command has it read. */
class BareBird extends Speaker {
  async start() {
    this.file = this.world.pathOf('bare.conf');
    this.write([]);
    await this.world.bird(this.name, this.birdConf(this.file));
  }

  async bring(prefixes) {
    this.write(prefixes);
    await ended(spawn('birdc', ['-s', this.world.pathOf(`${this.name}.ctl`), 'configure'], QUIET));
  }

  write(prefixes) {
    const routes = prefixes.map((prefix) => `route ${prefix} blackhole;`);
    writeFileSync(
      this.file,
      `protocol static vips { ipv4; ${routes.join(' ')} }
protocol bgp tor { local as ${NODE_AS}; neighbor ${this.world.routerOf(this.at)} as ${ROUTER_AS};
  connect delay time 1; connect retry time 1; ipv4 { import none; export where source = RTS_STATIC; }; }\n`,
    );
  }
}

/** gobgpd and its command, which takes one route at a time. */
class BareGobgp extends Speaker {
  standing = new Set();

  async start() {
    const { world, at } = this;
    await startGobgp(this);
    await this.gobgp('global', 'as', String(NODE_AS), 'router-id', world.addressOf(at));
    await this.gobgp('neighbor', 'add', world.routerOf(at), 'as', String(ROUTER_AS));
  }

  async bring(prefixes) {
    const wanted = new Set(prefixes);
    for (const prefix of this.standing)
      if (!wanted.has(prefix)) await this.gobgp('global', 'rib', 'del', prefix);
    for (const prefix of wanted)
      if (!this.standing.has(prefix)) await this.gobgp('global', 'rib', 'add', prefix);
    this.standing = wanted;
  }

  gobgp(...words) {
    return ended(spawn('gobgp', ['--target', `unix://${socketOf(this)}`, ...words], QUIET));
  }
}

const SPEAKERS = { bird: OurBird, 'bare-bird': BareBird, gobgp: OurGobgp, 'bare-gobgp': BareGobgp };
const QUIET = { stdio: 'ignore' };

function socketOf({ world, name }) {
  return world.pathOf(`${name}.sock`);
}

async function startGobgp(speaker) {
  const target = `unix://${socketOf(speaker)}`;
  speaker.world.run(speaker.name, 'gobgpd', [`--api-hosts=${target}`, '--pprof-disable']);
  await until('gobgpd', () => spawnSync('gobgp', ['--target', target, 'global']).status === 0);
}

async function ended(child) {
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${code}`);
}
