import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { runCommand } from '@signalbox/testing';
import type { ApplyResult } from '../driver.js';
import { PATIENT } from '../contract/driver-stage.fixture.js';
import { CLIENTS, FarProcess, SERVERS } from './far-process.fixture.js';
import { neighbour } from './inside-namespace.fixture.js';
import { type Answer, dad, ip } from './nft-world.fixture.js';
import type { NftablesDriver, NftablesSettings } from './nftables-driver.js';
import { CONNTRACK, IP, NFT, NftStand } from './nftables.fixture.js';

/** Namespaces beside that of the node. */
export const DSR_NEIGHBOURS = ['segment', 'client', 'node2', 't1', 't2', 't3'] as const;

/** One segment with everybody on it: the node, another one, a client and three targets, which have the VIP on loopback. */
export const DSR_WORLD = {
  node: '10.2.0.1',
  otherNode: '10.2.0.9',
  client: '10.2.0.100',
  targets: ['10.2.0.11', '10.2.0.12', '10.2.0.13'],
  targets6: ['fd00:2::11', 'fd00:2::12', 'fd00:2::13'],
  vip: '192.0.2.10',
  vip6: '2001:db8::10',
  port: 80,
  /** Device of the node. */
  device: 'seg0',
} as const;

const FAR = ['t1', 't2', 't3'] as const;
const DEVICE = DSR_WORLD.device;

/**
 * A switch with the node on it, in whose namespace this process runs. It forwards nothing, and the way of targets to the client does not
 * lead through it: what comes back came straight.
 */
export class DsrWorld {
  private generation = 0;
  private readonly stands: NftStand[] = [];

  private constructor(
    readonly client: FarProcess,
    private readonly servers: readonly FarProcess[],
    private readonly directory: string,
  ) {}

  static async open(): Promise<DsrWorld> {
    const { node, otherNode, client, targets, targets6, vip, vip6, port } = DSR_WORLD;
    ip('-n', neighbour('segment'), 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', neighbour('segment'), 'link', 'set', 'br0', 'up');
    plug('node', undefined, [`${node}/24`, 'fd00:2::1/64']);
    plug('node2', neighbour('node2'), [`${otherNode}/24`, 'fd00:2::9/64']);
    plug('client', neighbour('client'), [`${client}/24`, 'fd00:2::100/64']);
    for (const way of ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'])
      writeFileSync(`/proc/sys/net/${way}`, '0');
    // what takes the kernel a minute by default takes it three seconds
    const patience = { base_reachable_time_ms: 500, delay_first_probe_time: 1, retrans_time_ms: 250 };
    for (const [name, value] of Object.entries(patience))
      writeFileSync(`/proc/sys/net/ipv4/neigh/${DEVICE}/${name}`, String(value));
    const servers = [];
    for (const [at, name] of FAR.entries()) {
      const far = neighbour(name);
      plug(name, far, [`${targets[at]}/24`, `${targets6[at]}/64`]);
      for (const [address, bits] of [
        [vip, 32],
        [vip6, 128],
      ] as const)
        ip('-n', far, 'addr', 'add', `${address}/${bits}`, 'dev', 'lo', ...dad(address));
      const server = await FarProcess.start(far, SERVERS);
      await server.do('set', 'net/ipv4/conf/all/arp_ignore', '1');
      await server.do('set', 'net/ipv4/conf/all/arp_announce', '2');
      await server.do('set', `net/ipv4/conf/${DEVICE}/arp_notify`, '0');
      await server.do('listen', vip, port, targets[at]);
      await server.do('listen', vip6, port, targets6[at]);
      servers.push(server);
    }
    const directory = await mkdtemp(join(tmpdir(), 'dsr-'));
    const world = new DsrWorld(await FarProcess.start(neighbour('client'), CLIENTS), servers, directory);
    world.leadClientTo('node');
    return world;
  }

  /** Tables of their own in the node, which end with the test. */
  async stand(changes: Partial<NftablesSettings> = {}): Promise<NftStand> {
    const stand = await NftStand.open(changes);
    this.stands.push(stand);
    return stand;
  }

  /** A driver of the other node, which has nothing yet. */
  async otherNode(): Promise<NftStand> {
    const programs = await Promise.all([NFT, CONNTRACK, IP].map((program) => this.inOther(program ?? '')));
    const [nft, conntrack, ipProgram] = programs as [string, string, string];
    return this.stand({ nft, conntrack, ip: ipProgram });
  }

  listener(changes: Partial<NodeListener> = {}, weights: readonly number[] = [100, 100, 100]): NodeListener {
    const isV6 = changes.address === DSR_WORLD.vip6;
    const { vip, port, targets, targets6 } = DSR_WORLD;
    return {
      ...{ name: 'web', address: vip, protocol: 'tcp', port, forwarding: 'dsr', algorithm: 'maglev' },
      timeouts: DEFAULT_TIMEOUTS,
      targets: (isV6 ? targets6 : targets).map((address, at) => ({
        ...{ address, port, weight: weights[at] ?? 0, flushes: 0 },
      })),
      ...changes,
    };
  }

  /** Applies these alone; throws when one is refused. */
  async apply(driver: NftablesDriver, ...listeners: readonly NodeListener[]): Promise<ApplyResult> {
    this.generation += 1;
    const result = await driver.apply({ node: 'n1', generation: this.generation, listeners }, PATIENT);
    for (const one of result.listeners) if (one.state === 'refused') throw new Error(one.error.message);
    return result;
  }

  open(count: number, address: string = DSR_WORLD.vip): Promise<Answer[]> {
    return this.client.do('open', count, { address, port: DSR_WORLD.port });
  }

  send(count: number, address: string = DSR_WORLD.vip): Promise<Answer[]> {
    return this.client.do('send', count, { address, port: DSR_WORLD.port });
  }

  ask(): Promise<Answer[]> {
    return this.client.do('ask');
  }

  /** From now on packets for the VIPs go to that node. */
  leadClientTo(node: 'node' | 'node2'): void {
    const [v4, v6] = node === 'node' ? [DSR_WORLD.node, 'fd00:2::1'] : [DSR_WORLD.otherNode, 'fd00:2::9'];
    const far = ['-n', neighbour('client')];
    ip(...far, 'route', 'replace', `${DSR_WORLD.vip}/32`, 'via', v4);
    ip(...far, '-6', 'route', 'replace', `${DSR_WORLD.vip6}/128`, 'via', v6);
  }

  /** Another address on the wire, of which it says nothing to anybody. */
  changeMac(target: (typeof FAR)[number], mac: string): void {
    ip('-n', neighbour(target), 'link', 'set', DEVICE, 'address', mac);
  }

  /** Pulls its plug, or puts it in again. */
  setPlug(target: (typeof FAR)[number], state: 'up' | 'down'): void {
    ip('-n', neighbour('segment'), 'link', 'set', target, state);
  }

  /** Connections that connection tracking of this node knows. */
  async trackedConnections(): Promise<number> {
    const { stdout } = await runCommand(CONNTRACK ?? '', ['-C']);
    return Number(stdout);
  }

  /** Ends what a test began; the world stays. */
  async clear(): Promise<void> {
    await this.client.do('end');
    this.leadClientTo('node');
    for (const target of FAR) this.setPlug(target, 'up');
    for (const stand of this.stands.splice(0)) {
      await stand.driver.close();
      await stand.end();
    }
    await runCommand(IP ?? '', ['netns', 'exec', neighbour('node2'), NFT ?? '', 'flush', 'ruleset']);
    await runCommand(CONNTRACK ?? '', ['-F']);
  }

  async close(): Promise<void> {
    await Promise.all([this.client, ...this.servers].map((one) => one.end()));
    await rm(this.directory, { recursive: true, force: true });
  }

  /** An `nft` whose kernel has no tables of the family netdev. */
  async withoutNetdev(): Promise<string> {
    const path = join(this.directory, 'nft-without');
    const refuse = `case "$text" in *netdev*) echo 'Error: Could not process rule: Operation not supported' >&2; exit 1;; esac`;
    const script = `if [ "$1" = -f ]; then\n  text=$(cat)\n  ${refuse}\n  echo "$text" | exec ${NFT} "$@"\nelse\n  exec ${NFT} "$@"\nfi`;
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** A program in the place of another, which runs that one in the other node. */
  private async inOther(program: string): Promise<string> {
    const path = join(this.directory, program.split('/').at(-1)!);
    await writeFile(path, `#!/bin/sh\nexec ${IP} netns exec ${neighbour('node2')} ${program} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }
}

/** Puts a namespace on the switch; absent: this one. */
function plug(name: string, namespace: string | undefined, addresses: readonly string[]): void {
  const segment = ['-n', neighbour('segment')];
  const far = namespace === undefined ? [] : ['-n', namespace];
  const there = namespace === undefined ? String(process.pid) : namespace;
  ip(...segment, 'link', 'add', name, 'type', 'veth', 'peer', 'name', DEVICE, 'netns', there);
  ip(...segment, 'link', 'set', name, 'master', 'br0', 'up');
  for (const address of addresses) ip(...far, 'addr', 'add', address, 'dev', DEVICE, ...dad(address));
  for (const link of ['lo', DEVICE]) ip(...far, 'link', 'set', link, 'up');
}
