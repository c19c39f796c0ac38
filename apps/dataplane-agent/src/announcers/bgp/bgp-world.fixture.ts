import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareAddresses, type NodeBgpPeer, type NodeVip } from '@signalbox/contracts';
import { optionalProgram, until } from '@signalbox/testing';
import { neighbour } from '../../drivers/nftables/inside-namespace.fixture.js';
import { IP, NFT } from '../../drivers/nftables/nftables.fixture.js';

const WHAT = 'announcing VIPs by BGP, with a router';

/** Absent where they are not installed: the end of the run names what was left out. */
export const BIRD = optionalProgram('bird', WHAT);
export const BIRDC = optionalProgram('birdc', WHAT);

/** AS of the nodes. */
export const NODE_AS = 65_010;

/** A router in a network namespace of its own, on a link of its own to the node. `b` is of the AS of the node. */
export const ROUTERS = {
  a: { asn: 65_001, link: 'tor-a', node: '198.51.100.2', address: '198.51.100.1', six: '2001:db8:a::' },
  b: { asn: NODE_AS, link: 'tor-b', node: '203.0.113.2', address: '203.0.113.1', six: '2001:db8:b::' },
} as const;

export type RouterName = keyof typeof ROUTERS;

/** Namespaces that tests with these routers need. */
export const ROUTER_SPACES = Object.keys(ROUTERS);

/** What a router is told beside who the node is. */
export interface RouterOptions {
  readonly password?: string;
  readonly hasBfd?: boolean;
  /** A prefix that it announces to the node. */
  readonly sends?: string;
  /** It connects as well. */
  readonly isActive?: boolean;
}

/** A VIP for peers `tor-a` and `tor-b`. */
export function vipAt(address: string, route: Partial<NodeVip['route']> = {}): NodeVip {
  return {
    ...{ address, announcement: 'edge', method: 'bird' as const, listeners: ['web'], interface: 'lo' },
    ...{ withdrawWithoutTargets: true, drainMs: 5000, route: { peers: ['tor-a', 'tor-b'], ...route } },
  };
}

/** A router with BIRD, which is no part of what is tested. */
export class Router {
  private readonly running = new Daemon();

  constructor(
    readonly name: RouterName,
    private readonly directory: string,
    private readonly options: RouterOptions,
  ) {}

  get space(): string {
    return neighbour(this.name);
  }

  /** How a node is told of it. */
  peer(changes: Partial<NodeBgpPeer> = {}): NodeBgpPeer {
    const { asn, address } = ROUTERS[this.name];
    return {
      ...{ name: `tor-${this.name}`, address, port: 179, asn, localAsn: NODE_AS },
      ...{ holdSeconds: 9, keepaliveSeconds: 3, connectSeconds: 1 },
      ...changes,
    };
  }

  async start(): Promise<void> {
    const { node, address, asn } = ROUTERS[this.name];
    const { password, hasBfd, isActive, sends } = this.options;
    const bfd = hasBfd ? 'bfd { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; };' : '';
    await writeFile(
      this.at('conf'),
      `router id ${address};
log "${this.at('log')}" all;
protocol device {}
${sends === undefined ? '' : `protocol static sent { ipv4; route ${sends} blackhole; }`}
${hasBfd ? 'protocol bfd {}' : ''}
protocol bgp node {
  local ${address} as ${asn}; neighbor ${node} as ${NODE_AS}; direct; hold time 90;
  ${isActive ? 'connect delay time 1; connect retry time 1;' : 'passive;'}
  error wait time 1, 1; graceful restart off; ${bfd}
  ${password === undefined ? '' : `password "${password}";`}
  ipv4 { import all; export where source = RTS_STATIC; };
  ipv6 { import all; export none; };
}
`,
    );
    const files = ['-c', this.at('conf'), '-s', this.at('ctl'), '-P', this.at('pid')];
    this.running.start(IP ?? '', ['netns', 'exec', this.space, BIRD ?? '', '-f', ...files]);
    await until(`router ${this.name}`, () => this.birdc('show', 'status').includes('Daemon is up'));
  }

  /** What it says to an operator. */
  birdc(...words: readonly string[]): string {
    return run(BIRDC ?? '', ['-s', this.at('ctl'), ...words]);
  }

  /** Addresses of hosts to which it has a way, in the order of addresses. */
  routes(): string[] {
    const told = this.birdc('show', 'route');
    const hosts = [...told.matchAll(/^([0-9a-f.:]+)\/(?:32|128)\s/gm)].map(([, address = '']) => address);
    return hosts.sort(compareAddresses);
  }

  /** All that it knows of the route to a host, as `BGP.med: 10`. */
  attributes(address: string): string[] {
    const prefix = `${address}/${address.includes(':') ? 128 : 32}`;
    return this.birdc('show', 'route', prefix, 'all')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.startsWith('BGP.'));
  }

  hasSession(): boolean {
    return this.birdc('show', 'protocols', 'node').includes('Established');
  }

  /** From now on it hears and says nothing, and the link stays up: nobody is told. */
  cut(): void {
    const drop = (hook: string): string =>
      `chain ${hook} { type filter hook ${hook} priority 0; policy drop; }`;
    this.inside(NFT ?? '', `table inet cut { ${drop('input')}; ${drop('output')}; }`);
  }

  mend(): void {
    this.inside(NFT ?? '', 'delete table inet cut');
  }

  /** Takes its end of the link down, or up again. */
  link(state: 'down' | 'up'): void {
    ip('-n', this.space, 'link', 'set', 'dev', 'node', state);
  }

  end(): Promise<void> {
    return this.running.kill();
  }

  private inside(nft: string, rules: string): void {
    ip('netns', 'exec', this.space, nft, rules);
  }

  private at(kind: string): string {
    return join(this.directory, `router-${this.name}.${kind}`);
  }
}

/** A node with routers, made for one test: the node is where the test runs. */
export class BgpWorld {
  private constructor(
    readonly directory: string,
    readonly routers: Readonly<Record<RouterName, Router>>,
  ) {}

  static async open(options: Partial<Record<RouterName, RouterOptions>> = {}): Promise<BgpWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'bgp-'));
    for (const name of ROUTER_SPACES as RouterName[]) makeLink(name);
    const router = (name: RouterName): Router => new Router(name, directory, options[name] ?? {});
    const world = new BgpWorld(directory, { a: router('a'), b: router('b') });
    await Promise.all(Object.values(world.routers).map((one) => one.start()));
    return world;
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.routers).map((one) => one.end()));
    for (const { link } of Object.values(ROUTERS)) ip('link', 'del', link);
    for (const name of ROUTER_SPACES)
      spawnSync(IP ?? '', ['netns', 'exec', neighbour(name), NFT ?? '', 'delete table inet cut']);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** One process at a time. */
export class Daemon {
  private process: ChildProcess | undefined;

  start(program: string, args: readonly string[]): void {
    this.process = spawn(program, args, { stdio: 'ignore' });
  }

  /** The program itself: `ip netns exec` becomes it. */
  signal(name: NodeJS.Signals): void {
    this.process?.kill(name);
  }

  async kill(): Promise<void> {
    const { process } = this;
    this.process = undefined;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'exit');
  }
}

function makeLink(name: RouterName): void {
  const { link, node, address, six } = ROUTERS[name];
  const space = neighbour(name);
  ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'node', 'netns', space);
  ip('addr', 'add', `${node}/30`, 'dev', link);
  ip('addr', 'add', `${six}2/64`, 'dev', link, 'nodad');
  ip('-n', space, 'addr', 'add', `${address}/30`, 'dev', 'node');
  ip('-n', space, 'addr', 'add', `${six}1/64`, 'dev', 'node', 'nodad');
  ip('link', 'set', link, 'up');
  ip('-n', space, 'link', 'set', 'node', 'up');
}

/** Throws what `ip` says of a mistake. */
export function ip(...args: readonly string[]): string {
  return run(IP ?? '', args);
}

function run(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}${stdout}`);
  return stdout;
}
