import { describe, expect, it } from '@jest/globals';
import type { NodeListener } from '@signalbox/contracts';
import { aListener, standing } from './given-lb.fixture.js';
import { vppWarning, wantedVips } from './wanted-vips.js';

function wanted(...listeners: NodeListener[]) {
  return wantedVips(listeners, [], new Map());
}

function whyRefused(...listeners: NodeListener[]) {
  return [...wanted(...listeners).refused].map(([name, { code, message }]) => {
    expect(code).toBe('data-plane-refused');
    return `${name}: ${message.replace(/^driver vpp cannot serve listener \S+: /, '')}`;
  });
}

describe('what VPP shall have', () => {
  it('has tunnels of the family of the targets, whatever that of the VIP is (6.3)', () => {
    const listeners = [
      aListener({ '10.0.0.1': 1 }, { name: 'a', address: '192.0.2.1' }),
      aListener({ '2001:db8::1': 1 }, { name: 'b', address: '192.0.2.2' }),
      aListener({ '10.0.0.1': 1 }, { name: 'c', address: '2001:db8::c' }),
      aListener({}, { name: 'd', address: '2001:db8::d' }),
    ];
    expect(wanted(...listeners).vips.map(({ name, encap }) => [name, encap])).toEqual([
      ['a', 'gre4'],
      ['b', 'gre6'],
      ['c', 'gre4'],
      ['d', 'gre6'],
    ]);
  });

  it('has one kind of tunnels for all ports of an address', () => {
    const first = aListener({}, { name: 'a', port: 81 });
    const other = aListener({ '2001:db8::1': 1 }, { name: 'b' });
    expect(wanted(first, other).vips.map(({ encap }) => encap)).toEqual(['gre6', 'gre6']);
    expect(whyRefused(aListener({ '10.0.0.1': 1 }, { name: 'a', port: 81 }), other)).toEqual([
      'b: its targets are IPv6, those of others at 192.0.2.10 are not: all VIPs at one address have tunnels of one family',
    ]);
  });

  it('leaves the tunnels of a VIP without targets as they are', () => {
    const vips = standing(aListener({ '2001:db8::1': 1 }));
    expect(wantedVips([aListener()], vips, new Map()).vips[0]?.encap).toBe('gre6');
  });

  it.each<[string, Partial<NodeListener>, string]>([
    ['another algorithm', { algorithm: 'random' }, 'no algorithm random, only maglev'],
    ['requests', { protocol: 'http' }, 'no protocol http, only tcp, udp, any'],
    [
      'a port of its own',
      { targets: [{ address: '10.0.0.1', port: 8080, weight: 1, flushes: 0 }] },
      'target 10.0.0.1 has port 8080, and targets keep the port of the VIP, 80',
    ],
    [
      'a place of its own',
      { listenAt: { address: '127.0.0.1', port: 80 } },
      'VPP takes packets to the VIP itself: take it out of the listenMap of the node',
    ],
    [
      'targets of both families',
      aListener({ '10.0.0.1': 1, '2001:db8::1': 1 }),
      'target 2001:db8::1 is of another address family than 10.0.0.1, and one VIP has tunnels of one',
    ],
  ])('is refused: %s', (_what, changes, why) => {
    expect(whyRefused(aListener({}, changes), aListener({}, { name: 'x', port: 25 }))).toEqual([
      `web: ${why}`,
    ]);
  });

  it('gives a VIP to the first of two listeners', () => {
    const two = [aListener({}, { name: 'b' }), aListener({}, { name: 'a', address: '192.0.2.10' })];
    expect(whyRefused(...two)).toEqual(['b: listener a has its VIP']);
    expect(wanted(...two).kept.size).toBe(0);
  });

  it('tells clients by their address where that is the affinity, and warns of another time', () => {
    const sticky = aListener({}, { affinity: { type: 'source-ip', timeoutMs: 40_000 } });
    expect(wanted(sticky).vips[0]?.isSticky).toBe(true);
    expect(vppWarning(sticky, 40)).toBeUndefined();
    expect(vppWarning(sticky, 60)).toBe('VPP remembers clients for 60 s, its flow timeout, not for 40 s');
  });

  it('warns of tables that are not as large as asked, or as needed', () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_none, at) => [`10.0.1.${at}`, 1]));
    expect(vppWarning(aListener({}, { tableSize: 65_537 }), 40)).toMatch('1024 slots, not 65537');
    expect(vppWarning(aListener(many), 40)).toMatch('1024 slots for 101 targets');
  });
});
