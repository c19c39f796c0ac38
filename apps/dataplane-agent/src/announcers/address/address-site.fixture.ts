import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bus, ensureStream, STREAM_DEFINITIONS } from '@signalbox/bus';
import type { NodeVip } from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { createLog } from '@signalbox/runtime';
import { CHECKOUT, NatsProcess, optionalProgram, until } from '@signalbox/testing';
import { build } from 'esbuild';
import { FarProcess } from '../../drivers/nftables/far-process.fixture.js';
import { neighbour } from '../../drivers/nftables/inside-namespace.fixture.js';
import { dad, ip } from '../../drivers/nftables/nft-world.fixture.js';
import { IP, NFT } from '../../drivers/nftables/nftables.fixture.js';
import type { AnnounceResult } from '../announcer.js';
import { Witness } from './address-witness.fixture.js';
import { vipOf } from './address-world.fixture.js';

/** Nodes of a site, in the order of their ranks. */
export const NODES = ['n1', 'n2', 'n3'] as const;
export type NodeName = (typeof NODES)[number];

/** Other namespaces of these tests. */
export const SITE_SPACES = [...NODES, 'client'];

/** Records who answers on the segment. */
export const TCPDUMP = optionalProgram('tcpdump', 'who answers for a VIP, seen by packets');

/** Asks for VIPs all the time. */
export const PING = optionalProgram('ping', 'who answers for a VIP, seen by packets');

/** Lease of VIPs in these tests: as short as it may be. Milliseconds. */
export const LEASE_MS = 4000;

const silent = createLog('silent');

/** A node: a namespace on the segment of clients and in the network of the site, and an announcer that is a process there. */
export class SiteNode {
  /** How its VIPs stand, as it said last. */
  standing: AnnounceResult['vips'] = [];
  private child: ChildProcess | undefined;

  constructor(
    readonly name: NodeName,
    private readonly program: string,
    private readonly url: string,
  ) {}

  get space(): string {
    return neighbour(this.name);
  }

  get mac(): string {
    return `02:00:00:00:00:0${this.name.slice(1)}`;
  }

  start(): void {
    const words = ['netns', 'exec', this.space, process.execPath, this.program, this.url, this.name];
    this.child = spawn(IP ?? '', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    this.child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      const lines = (text + more).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.standing = (JSON.parse(line) as AnnounceResult).vips;
    });
  }

  want(...vips: readonly NodeVip[]): void {
    this.child?.stdin?.write(`${JSON.stringify(vips)}\n`);
  }

  /** Every process of the node, also programs that it has called. */
  signal(signal: NodeJS.Signals): void {
    for (const pid of processesIn(this.space)) kill(pid, signal);
  }

  async end(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    this.signal('SIGKILL');
    await ended;
  }

  /** Whether its kernel has an address. */
  has(address: string): boolean {
    const said = spawnSync(IP ?? '', ['-n', this.space, '-o', 'addr', 'show', 'to', address], {
      encoding: 'utf8',
    });
    return said.stdout.includes(` ${address}/`);
  }

  /** Drops packets between the node and NATS in one direction, or in both. */
  cut(...directions: readonly ('input' | 'output')[]): void {
    this.mend();
    const chains = directions.map(
      (hook) =>
        `chain ${hook} { type filter hook ${hook} priority 0; ${hook === 'input' ? 'i' : 'o'}ifname "site" drop; };`,
    );
    this.nft(`table inet cut { ${chains.join(' ')} }`);
  }

  mend(): void {
    this.nft('table inet cut { }\ndelete table inet cut');
  }

  private nft(rules: string): void {
    const said = spawnSync(IP ?? '', ['netns', 'exec', this.space, NFT ?? '', '-f', '-'], {
      input: rules,
      encoding: 'utf8',
    });
    if (said.status !== 0) throw new Error(said.stderr);
  }
}

/**
 * Three nodes and a client on one segment, and NATS in a network of its own. The client asks for the VIPs all the time, and a witness writes down
 * whose address answers.
 */
export class AddressSite {
  private constructor(
    private readonly directory: string,
    readonly nats: NatsProcess,
    readonly bus: Bus,
    readonly nodes: readonly SiteNode[],
    readonly client: FarProcess,
    readonly witness: Witness,
  ) {}

  static async open(): Promise<AddressSite> {
    // in the checkout: the program of a node finds its packages from there
    const own = join(CHECKOUT, '.signalbox');
    await mkdir(own, { recursive: true });
    const directory = await mkdtemp(join(own, 'address-site-'));
    layCables();
    const port = await freePort();
    // the last of two lines counts: nodes are on other networks than this machine's own
    const nats = await NatsProcess.prepare(join(directory, 'nats'), [`listen: "0.0.0.0:${port}"`], port);
    await nats.start();
    const bus = await Bus.connect({ url: nats.url, name: 'test', log: silent });
    await ensureStream(bus.manager, STREAM_DEFINITIONS.leaders, silent);
    const program = await bundle(directory);
    const url = `nats://198.18.0.254:${nats.port}`;
    const nodes = NODES.map((name) => new SiteNode(name, program, url));
    const client = await FarProcess.start(neighbour('client'), ASKER);
    const witness = await Witness.open(neighbour('client'), TCPDUMP ?? '');
    return new AddressSite(directory, nats, bus, nodes, client, witness);
  }

  node(name: NodeName): SiteNode {
    return this.nodes[NODES.indexOf(name)]!;
  }

  /** The node of a MAC address. */
  nameOf(mac: string): string {
    return this.nodes.find((node) => node.mac === mac)?.name ?? mac;
  }

  /** All nodes are ready for these VIPs, with the ranks of their order. */
  async begin(vips: readonly string[], changes: { readonly preempt?: boolean } = {}): Promise<void> {
    for (const node of this.nodes) {
      node.start();
      this.ready(node, vips, changes);
    }
    await this.client.do('ask', vips);
    for (const vip of vips) await this.answeredBy(vip, NODES);
  }

  ready(node: SiteNode, vips: readonly string[], { preempt = false } = {}): void {
    const rank = NODES.indexOf(node.name);
    node.want(
      ...vips.map((address) =>
        vipOf('IPv4', 0, { address, leadership: { rank, preempt, leaseMs: LEASE_MS } }),
      ),
    );
  }

  /** Waits until one of these nodes answers for a VIP, after whatever was seen before; gives its name. */
  async answeredBy(vip: string, names: readonly NodeName[]): Promise<NodeName> {
    const from = this.witness.seen.length;
    return until(`an answer for ${vip} of ${names.join()}`, () => {
      const macs = new Set(this.witness.of(vip, from).map(({ mac }) => mac));
      return names.find((name) => macs.has(this.node(name).mac));
    });
  }

  async clear(): Promise<void> {
    await this.client.do('ask', []);
    for (const node of this.nodes) {
      node.signal('SIGCONT');
      node.mend();
      await node.end();
    }
    await until('addresses to be gone', () =>
      this.nodes.every((node) => !node.has('192.0.2.10') && !node.has('2001:db8:1::10')),
    );
    this.witness.forget();
  }

  async close(): Promise<void> {
    for (const node of this.nodes) await node.end();
    await this.client.end();
    await this.witness.end();
    await this.bus.close();
    await this.nats.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function layCables(): void {
  for (const [name, address] of [
    ['segment', undefined],
    ['site', '198.18.0.254/24'],
  ] as const) {
    ip('link', 'add', name, 'type', 'bridge', 'forward_delay', '0');
    ip('link', 'set', name, 'up');
    if (address) ip('addr', 'add', address, 'dev', name);
  }
  for (const [at, space] of SITE_SPACES.entries()) {
    const inside = ['-n', neighbour(space)];
    ip(...inside, 'link', 'set', 'lo', 'up');
    plug('segment', `c${at}`, space, `02:00:00:00:00:0${at + 1}`);
    for (const address of [`198.51.100.${at + 1}/24`, `fd00:1::${at + 1}/64`])
      ip(...inside, 'addr', 'add', address, 'dev', 'segment', ...dad(address));
    ip(...inside, 'route', 'add', '192.0.2.0/24', 'dev', 'segment');
    ip(...inside, '-6', 'route', 'add', '2001:db8:1::/64', 'dev', 'segment');
    if (space === 'client') continue;
    plug('site', `s${at}`, space, `02:00:00:00:01:0${at + 1}`);
    ip(...inside, 'addr', 'add', `198.18.0.${at + 1}/24`, 'dev', 'site');
  }
}

/** A line from a bridge to a namespace, where it has the name of the bridge. */
function plug(bridge: string, name: string, space: string, mac: string): void {
  const far = neighbour(space);
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', bridge, 'address', mac, 'netns', far);
  ip('link', 'set', name, 'master', bridge, 'up');
  ip('-n', far, 'link', 'set', bridge, 'up');
}

/** The program of a node, in one file, beside packages that it imports. */
async function bundle(directory: string): Promise<string> {
  const outfile = join(directory, 'address-node.mjs');
  await build({
    entryPoints: [join(CHECKOUT, 'apps/dataplane-agent/src/announcers/address/address-node.fixture.ts')],
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node20', outfile, logLevel: 'error' },
    tsconfig: join(CHECKOUT, 'tsconfig.json'),
    external: [
      '@nestjs/*',
      'pg',
      'typeorm',
      'class-validator',
      'class-transformer',
      'reflect-metadata',
      'yaml',
    ],
    banner: { js: "import { createRequire as of } from 'node:module'; const require = of(import.meta.url);" },
  });
  return outfile;
}

function processesIn(space: string): readonly number[] {
  const said = spawnSync(IP ?? '', ['netns', 'pids', space], { encoding: 'utf8' });
  return said.stdout.split('\n').filter(Boolean).map(Number);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended meanwhile
  }
}

/** Everybody who has the VIP hears the client: its questions go to all. Each is answered once, or somebody has what another one has. */
const ASKER = `
const { spawn, spawnSync } = require('node:child_process');
let running = [];
const does = {
  ask: (vips) => {
    for (const child of running) child.kill('SIGKILL');
    for (const vip of vips) spawnSync(${JSON.stringify(IP)}, ['neigh', 'replace', vip, 'lladdr', 'ff:ff:ff:ff:ff:ff', 'nud', 'permanent', 'dev', 'segment']);
    running = vips.map((vip) => spawn(${JSON.stringify(PING)}, ['-q', '-i', '0.02', vip], { stdio: 'ignore' }));
  },
  once: (vip) => void spawnSync(${JSON.stringify(PING)}, ['-q', '-c', '1', '-W', '1', vip]),
};`;
