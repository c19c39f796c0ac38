import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { compareAddresses, type NodeVip } from '@signalbox/contracts';
import { optionalProgram } from '@signalbox/testing';
import { FarProcess } from '../../drivers/nftables/far-process.fixture.js';
import { neighbour } from '../../drivers/nftables/inside-namespace.fixture.js';
import { dad, ip } from '../../drivers/nftables/nft-world.fixture.js';

const WHAT = 'VIPs that are held by a lease, with the packets of a kernel';

/** Absent where they are not installed: the end of the run names what was left out. */
export const ARPING = optionalProgram('arping', WHAT);
export const NDPTOOL = optionalProgram('ndptool', WHAT);

/** Other namespaces of these tests. */
export const SEGMENT_SPACES = ['client'];

/** The interface of the node on the segment of its clients. */
export const SEGMENT = 'segment';

export const PORT = 7777;

/** Clients ask once and give up soon who has an address. */
const ASKING = {
  retrans_time_ms: '100',
  mcast_solicit: '2',
  ucast_solicit: '1',
  delay_first_probe_time: '1',
};

/** A VIP of the documentation ranges, by its number. */
export function vipOf(family: 'IPv4' | 'IPv6', number: number, changes: Partial<NodeVip> = {}): NodeVip {
  return {
    address: family === 'IPv4' ? `192.0.2.${number + 10}` : `2001:db8:1::${(number + 16).toString(16)}`,
    ...{
      announcement: 'segment',
      method: 'address',
      listeners: ['web'],
      withdrawWithoutTargets: true,
      drainMs: 0,
    },
    interface: SEGMENT,
    leadership: { rank: 0, preempt: false, leaseMs: 6000 },
    ...changes,
  };
}

/** A segment with a client in another namespace; this process, in its own, is a server at whatever address its node has. */
export class ClientSegment {
  private constructor(
    private readonly client: FarProcess,
    private readonly server: Server,
  ) {}

  static async open(): Promise<ClientSegment> {
    const space = neighbour('client');
    ip('link', 'add', SEGMENT, 'type', 'veth', 'peer', 'name', 'up0', 'netns', space);
    for (const address of ['198.51.100.1/24', 'fd00:1::1/64'])
      ip('addr', 'add', address, 'dev', SEGMENT, ...dad(address));
    for (const address of ['198.51.100.2/24', 'fd00:1::2/64'])
      ip('-n', space, 'addr', 'add', address, 'dev', 'up0', ...dad(address));
    ip('link', 'set', SEGMENT, 'up');
    for (const link of ['lo', 'up0']) ip('-n', space, 'link', 'set', link, 'up');
    ip('-n', space, 'route', 'add', '192.0.2.0/24', 'dev', 'up0');
    ip('-n', space, '-6', 'route', 'add', '2001:db8:1::/64', 'dev', 'up0');
    const server = createServer((socket) => socket.on('error', () => undefined).end());
    await new Promise<void>((resolve) => server.listen(PORT, '::', resolve));
    const client = await FarProcess.start(space, CLIENT);
    for (const family of ['ipv4', 'ipv6'])
      for (const [name, value] of Object.entries(ASKING))
        await client.do('set', `net/${family}/neigh/up0/${name}`, value);
    writeFileSync('/proc/sys/net/core/somaxconn', '1024');
    return new ClientSegment(client, server);
  }

  /** Which of these the client reaches when it has forgotten all that it knew. */
  async reached(addresses: readonly string[]): Promise<readonly string[]> {
    ip('-n', neighbour('client'), 'neigh', 'flush', 'dev', 'up0');
    const found = await this.client.do<readonly string[]>('reach', addresses, PORT);
    return [...found].sort(compareAddresses);
  }

  async close(): Promise<void> {
    await this.client.end();
    await new Promise((resolve) => this.server.close(resolve));
    ip('link', 'del', SEGMENT);
  }
}

const CLIENT = `
const net = require('node:net');
const one = (host, port) => new Promise((resolve) => {
  const socket = net.connect({ host, port });
  const over = (answer) => { socket.destroy(); resolve(answer); };
  socket.setTimeout(2000, () => over(undefined));
  socket.on('connect', () => over(host)).on('error', () => over(undefined));
});
const does = {
  set: (path, value) => require('node:fs').writeFileSync('/proc/sys/' + path, value),
  reach: async (hosts, port) => (await Promise.all(hosts.map((host) => one(host, port)))).filter(Boolean),
};`;
