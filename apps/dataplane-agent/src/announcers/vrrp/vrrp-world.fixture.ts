import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionalProgram } from '@signalbox/testing';
import { neighbour } from '../../drivers/nftables/inside-namespace.fixture.js';
import { IP } from '../../drivers/nftables/nftables.fixture.js';
import { VrrpNode } from './vrrp-node.fixture.js';

const WHAT = 'the announcer vrrp, with keepalived and packets';

/** Absent where they are not installed: the end of the run names what was left out. */
export const KEEPALIVED = optionalProgram('keepalived', WHAT);
export const TCPDUMP = optionalProgram('tcpdump', WHAT);
export const PING = optionalProgram('ping', WHAT);

/** The device of everybody on the segment. */
export const DEVICE = 'seg0';

export const NODES = ['n1', 'n2'] as const;
export type NodeName = (typeof NODES)[number];

/** Namespaces beside that of the client, in which tests run. */
export const VRRP_NEIGHBOURS = ['segment', ...NODES] as const;

/** Where what a node has of its own is found, as its MAC address. */
const NODE_NUMBERS: Readonly<Record<NodeName, number>> = { n1: 1, n2: 2 };

/** MAC address of a node on the segment. */
export function macOf(node: NodeName): string {
  return `02:00:00:00:00:0${NODE_NUMBERS[node]}`;
}

/** A switch with two nodes and the client on it, in whose namespace this process runs. */
export class VrrpWorld {
  readonly nodes: Readonly<Record<NodeName, VrrpNode>>;

  private constructor(private readonly directory: string) {
    const node = (name: NodeName): VrrpNode => new VrrpNode(name, join(directory, name), neighbour(name));
    this.nodes = { n1: node('n1'), n2: node('n2') };
  }

  static async open(): Promise<VrrpWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'vrrp-'));
    ip('-n', neighbour('segment'), 'link', 'add', 'br0', 'type', 'bridge');
    ip('-n', neighbour('segment'), 'link', 'set', 'br0', 'up');
    plugIn('client', undefined, 100, '02:00:00:00:00:64');
    for (const name of NODES) {
      plugIn(name, neighbour(name), NODE_NUMBERS[name], macOf(name));
      await mkdir(join(directory, name));
      await writeProgram(directory, name, 'keepalived', KEEPALIVED ?? '');
      await writeProgram(directory, name, 'ip', IP ?? '');
    }
    return new VrrpWorld(directory);
  }

  /** What one node says does not get through any more, neither what others say to it, and its link stays up. */
  setPlug(node: NodeName, state: 'in' | 'out'): void {
    ip(
      '-n',
      neighbour('segment'),
      'link',
      'set',
      node,
      ...(state === 'in' ? ['master', 'br0'] : ['nomaster']),
    );
  }

  /** The switch tells the node that its link is down, or up. */
  setLink(node: NodeName, state: 'up' | 'down'): void {
    ip('-n', neighbour('segment'), 'link', 'set', node, state);
  }

  /** Ends what a test began; the segment stays. */
  async clear(): Promise<void> {
    await Promise.all(NODES.map((name) => this.nodes[name].end()));
    for (const name of NODES) {
      this.setLink(name, 'up');
      this.setPlug(name, 'in');
    }
  }

  async close(): Promise<void> {
    await this.clear();
    ip('-n', neighbour('segment'), 'link', 'del', 'br0');
    for (const name of ['client', ...NODES]) ip('-n', neighbour('segment'), 'link', 'del', name);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A program in the place of another, which runs that one in the namespace of a node. */
async function writeProgram(directory: string, node: NodeName, name: string, program: string): Promise<void> {
  const path = join(directory, node, name);
  await writeFile(path, `#!/bin/sh\nexec ${IP} netns exec ${neighbour(node)} ${program} "$@"\n`);
  await chmod(path, 0o755);
}

/** Puts a namespace on the switch; absent: this one. */
function plugIn(name: string, namespace: string | undefined, number: number, mac: string): void {
  const segment = ['-n', neighbour('segment')];
  const far = namespace === undefined ? [] : ['-n', namespace];
  const there = namespace ?? String(process.pid);
  ip(...segment, 'link', 'add', name, 'type', 'veth', 'peer', 'name', DEVICE, 'address', mac, 'netns', there);
  ip(...segment, 'link', 'set', name, 'master', 'br0', 'up');
  ip(...far, 'addr', 'add', `10.4.0.${number}/24`, 'dev', DEVICE);
  ip(...far, 'addr', 'add', `fd00:4::${number}/64`, 'dev', DEVICE, 'nodad');
  for (const link of ['lo', DEVICE]) ip(...far, 'link', 'set', link, 'up');
  // an address of the link is there at once
  ip(...far, 'addr', 'add', `fe80::${number}/64`, 'dev', DEVICE, 'nodad');
}

/** Makes something of the network, in this namespace unless `-n` names another; what `ip` says. */
export function ip(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(IP ?? '', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${IP} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
