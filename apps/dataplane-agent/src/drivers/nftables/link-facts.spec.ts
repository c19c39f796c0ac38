import { describe, expect, it } from '@jest/globals';
import { isAsked, type LinkFacts, linkFacts, segmentOf, wayTo } from './link-facts.js';

/** As `ip -j -batch` tells: links, neighbours, and the way to each address. */
const TOLD = [
  [
    { ifname: 'lo', flags: ['LOOPBACK', 'UP'], link_type: 'loopback' },
    { ifname: 'eth1', flags: ['BROADCAST', 'UP'], link_type: 'ether' },
    { ifname: 'eth0', flags: ['BROADCAST', 'UP'], link_type: 'ether' },
    { ifname: 'eth2', flags: ['BROADCAST'], link_type: 'ether' },
    { ifname: 'wg0', flags: ['UP'], link_type: 'none' },
    { ifname: 'a"b', flags: ['UP'], link_type: 'ether' },
  ],
  [
    { dst: '10.0.0.1', dev: 'eth1', lladdr: '02:00:00:00:00:01', state: ['STALE'] },
    { dst: '10.0.0.2', dev: 'eth1', state: ['FAILED'] },
    { dst: '10.0.0.3', dev: 'eth1', state: ['INCOMPLETE'] },
    { dst: '10.0.0.4', dev: 'eth0', lladdr: '02:00:00:00:00:04', state: ['REACHABLE'] },
    { dst: '2001:db8::1', dev: 'eth1', lladdr: '02:00:00:00:00:01', state: ['PERMANENT'] },
  ],
  ...[1, 2, 3, 4, 5].map((host) => [{ dst: `10.0.0.${host}`, dev: 'eth1', flags: [] }]),
  [{ dst: '2001:db8::1', dev: 'eth1' }],
  [{ type: 'local', dst: '10.0.0.9', dev: 'lo' }],
  [{ dst: '10.1.0.1', gateway: '10.0.0.1', dev: 'eth1' }],
  [{ dst: '10.1.0.2', via: { family: 'inet6', host: 'fe80::1' }, dev: 'eth1' }],
  [{ dst: '10.2.0.1', dev: 'wg0' }],
];
const facts: LinkFacts = linkFacts(
  [...TOLD.map((list) => JSON.stringify(list)), 'RTNETLINK answers: Network is unreachable', '[half'].join(
    '\n',
  ),
);

describe('what the kernel says of links', () => {
  it('names the Ethernet devices that are up, but for those that rules cannot name', () => {
    expect(facts.devices).toEqual(['eth0', 'eth1']);
  });

  it.each([
    ['10.0.0.1', 'eth1'],
    ['2001:DB8:0::1', 'eth1'],
  ])('leads to a neighbour that is known: %s', (address, device) => {
    expect(wayTo(address, facts)).toEqual({ device });
  });

  it.each([
    ['10.0.0.2', 'nobody on eth1 says'],
    ['10.0.0.3', 'nobody on eth1 says'],
    // known on another segment than the one that leads there
    ['10.0.0.4', 'nobody on eth1 says'],
    ['10.0.0.5', 'nobody on eth1 says'],
    ['10.0.0.9', 'it is this machine'],
    ['10.1.0.1', 'it is behind the router 10.0.0.1'],
    ['10.1.0.2', 'it is behind the router fe80::1'],
    ['10.2.0.1', 'wg0, which leads there, is no Ethernet'],
    ['10.3.0.1', 'no route leads there'],
  ])('leads nowhere: %s, %s', (address, lack) => {
    expect(wayTo(address, facts)).toEqual({ lack: expect.stringContaining(lack) });
  });

  it('tells whom to ask, and who is being asked', () => {
    const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.9', '10.1.0.1', '10.2.0.1', '10.3.0.1'];
    expect(addresses.map((address) => segmentOf(address, facts))).toEqual([
      ...['eth1', 'eth1', 'eth1'],
      ...[undefined, undefined, undefined, undefined],
    ]);
    expect(addresses.filter((address) => isAsked(address, facts))).toEqual(['10.0.0.3']);
  });
});
