import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import { CLIENTS, FarProcess, SERVERS } from './far-process.fixture.js';
import { neighbour } from './inside-namespace.fixture.js';
import type { NftablesDriver, NftablesSettings } from './nftables-driver.js';
import { CONNTRACK, IP, NftStand } from './nftables.fixture.js';

/** Addresses of three servers behind the node, of the client before it, and of the node on both sides. */
export const WORLD = {
  servers: ['10.2.0.2', '10.2.0.3', '10.2.0.4'],
  servers6: ['fd00:2::2', 'fd00:2::3'],
  client: '10.1.0.2',
  nodeAtServers: '10.2.0.1',
  /** On no machine: routed to the node. */
  vip: '192.0.2.10',
  vip6: '2001:db8::10',
  serverPort: 8080,
} as const;

/** Who answered, and as whom it saw the client; null: the connection was cut, or refused. */
export type Answer = readonly [server: string, client: string, whence?: string] | null;

/** A client, three servers and the node between them, each in a network namespace; this process runs in that of the node. */
export class NftWorld {
  private generation = 0;
  private hasVip = false;
  private readonly stands: NftStand[] = [];

  private constructor(
    readonly client: FarProcess,
    private readonly servers: FarProcess,
  ) {}

  static async open(): Promise<NftWorld> {
    connect('client', ['10.1.0.1/24', 'fd00:1::1/64'], [`${WORLD.client}/24`, 'fd00:1::2/64']);
    connect(
      'server',
      [`${WORLD.nodeAtServers}/24`, 'fd00:2::1/64'],
      [
        ...WORLD.servers.map((address) => `${address}/24`),
        ...WORLD.servers6.map((address) => `${address}/64`),
      ],
    );
    for (const way of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding']) {
      writeFileSync(`/proc/sys/net/${way}`, '1');
    }
    const servers = await FarProcess.start(neighbour('server'), SERVERS);
    for (const address of [...WORLD.servers, ...WORLD.servers6]) {
      await servers.do('listen', address, WORLD.serverPort);
    }
    return new NftWorld(await FarProcess.start(neighbour('client'), CLIENTS), servers);
  }

  /** A table of its own, which ends with the test. */
  async stand(changes: Partial<NftablesSettings> = {}): Promise<NftStand> {
    const stand = await NftStand.open(changes);
    this.stands.push(stand);
    return stand;
  }

  listener(changes: Partial<NodeListener> = {}, weights: readonly number[] = [100, 100, 100]): NodeListener {
    return {
      name: 'web',
      address: WORLD.vip,
      protocol: 'tcp',
      port: 80,
      algorithm: 'round-robin',
      timeouts: DEFAULT_TIMEOUTS,
      targets: WORLD.servers.map((address, index) => ({
        ...{ address, port: WORLD.serverPort, weight: weights[index] ?? 0, flushes: 0 },
      })),
      ...changes,
    };
  }

  /** Applies these alone; throws when one is refused. Says how many changes were made. */
  async apply(driver: NftablesDriver, ...listeners: readonly NodeListener[]): Promise<number> {
    this.generation += 1;
    const result = await driver.apply({ node: 'n1', generation: this.generation, listeners }, PATIENT);
    for (const one of result.listeners) if (one.state === 'refused') throw new Error(one.error.message);
    return result.writes;
  }

  /** The VIP is on the node until the test ends: without a way to it nobody on the node finds it. */
  takeVip(): void {
    ip('addr', 'add', `${WORLD.vip}/32`, 'dev', 'lo');
    this.hasVip = true;
  }

  /** Makes the kernel forget all connections, as those of another node are to it. */
  forgetConnections(): void {
    run(CONNTRACK ?? '', ['-F']);
  }

  /** Ends what a test began; the world stays. */
  async clear(): Promise<void> {
    await this.client.do('end');
    for (const stand of this.stands.splice(0)) await stand.end();
    if (this.hasVip) ip('addr', 'del', `${WORLD.vip}/32`, 'dev', 'lo');
    this.hasVip = false;
    this.forgetConnections();
  }

  async close(): Promise<void> {
    await Promise.all([this.client.end(), this.servers.end()]);
  }
}

/** How often each server answered. */
export function serversOf(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const answer of answers) {
    const name = answer?.[0] ?? 'nobody';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** A line between this namespace and another, for which this one is the way to everywhere. */
function connect(name: string, here: readonly string[], there: readonly string[]): void {
  const far = ['-n', neighbour(name)];
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'up0', 'netns', neighbour(name));
  for (const address of here) ip('addr', 'add', address, 'dev', name, ...dad(address));
  ip('link', 'set', name, 'up');
  for (const address of there) ip(...far, 'addr', 'add', address, 'dev', 'up0', ...dad(address));
  for (const link of ['lo', 'up0']) ip(...far, 'link', 'set', link, 'up');
  for (const address of here) {
    ip(
      ...far,
      ...(address.includes(':') ? ['-6'] : []),
      'route',
      'add',
      'default',
      'via',
      address.split('/')[0]!,
    );
  }
}

/** An address of IPv6 is to be had at once. */
export function dad(address: string): string[] {
  return address.includes(':') ? ['nodad'] : [];
}

/** Makes something of the network, in this namespace unless `-n` names another. */
export function ip(...args: readonly string[]): void {
  run(IP ?? '', args);
}

function run(program: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
