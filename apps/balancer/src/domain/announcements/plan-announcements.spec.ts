import { describe, expect, it } from '@jest/globals';
import {
  type ListenerModel,
  type NodeAnnouncements,
  type NodeSpec,
  type NodeVip,
  VipPoolIndex,
  vipPoolModel,
} from '@signalbox/contracts';
import fc from 'fast-check';
import { aModel, aNode } from '../node.fixture.js';
import { announcementModel } from './announcement-model.js';
import { anAnnouncement, aPeer, aPool, aProfile } from './announcement.fixture.js';
import { peerModel } from './peer-model.js';
import { planAnnouncements } from './plan-announcements.js';

const node = (name: string, spec: Partial<NodeSpec> = {}) => aNode(name, { driver: 'sim', ...spec });
const web = aModel('web', { address: '192.0.2.1' });
const POOLS = [
  aPool('edge', ['192.0.2.0/28', '2001:db8::/120']),
  aPool('core', ['198.51.100.7-198.51.100.8']),
];
const PEERS = [aPeer('r1'), aPeer('r2', { nodeGroups: ['north'], holdTime: '9s', bfdProfile: 'fast' })];

function plan(given: {
  readonly announcements: readonly ReturnType<typeof anAnnouncement>[];
  readonly nodes: readonly ReturnType<typeof node>[];
  readonly listeners?: readonly ListenerModel[];
  readonly peers?: typeof PEERS;
}): ReadonlyMap<string, NodeAnnouncements> {
  return planAnnouncements({
    announcements: given.announcements.map(announcementModel),
    peers: (given.peers ?? PEERS).map((peer) => peerModel(peer, () => aProfile('fast'))),
    pools: new VipPoolIndex(POOLS.map(vipPoolModel)),
    nodes: given.nodes,
    listeners: given.listeners ?? [web],
  });
}

const vipsOf = (found: ReadonlyMap<string, NodeAnnouncements>, name: string): readonly NodeVip[] =>
  found.get(name)?.vips ?? [];

/** Who leads each VIP: its nodes by rank. */
function ranksOf(found: ReadonlyMap<string, NodeAnnouncements>): Record<string, string[]> {
  const ranks: Record<string, string[]> = {};
  for (const [name, { vips }] of found)
    for (const { address, leadership } of vips) (ranks[address] ??= [])[leadership!.rank] = name;
  return ranks;
}

const shops = (count: number): ListenerModel[] =>
  Array.from({ length: count }, (_, at) => aModel(`shop-${at}`, { address: `192.0.2.${at + 1}` }));

const ADDRESS = { method: 'address', interface: 'eth0', leaseTime: '4s' } as const;
const VRRP = { method: 'vrrp', interface: 'eth0', virtualRouterIds: [51, 52, 53], preempt: true } as const;

describe('what a node announces by BGP', () => {
  it('is the VIPs that it serves and that lie in the pools, to its routers', () => {
    const communities = ['65000:100'];
    const found = plan({
      announcements: [anAnnouncement('edge', { communities, med: 10, drainTime: '1s' })],
      nodes: [node('a', { groups: ['north'], routerId: '10.0.0.1' })],
      listeners: [
        web,
        aModel('tls', { address: '192.0.2.1', port: 443 }),
        aModel('out', { address: '10.1.1.1' }),
      ],
    });
    const r1 = { name: 'r1', address: '203.0.113.1', port: 179, asn: 65000, localAsn: 65010 };
    expect(found.get('a')).toEqual({
      routerId: '10.0.0.1',
      prefixes: ['192.0.2.0/28', '2001:db8::/120'],
      peers: [
        { ...r1, holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5 },
        {
          ...{ ...r1, name: 'r2', holdSeconds: 9, keepaliveSeconds: 3, connectSeconds: 5 },
          bfd: { receiveMs: 50, transmitMs: 100, multiplier: 3 },
        },
      ],
      vips: [
        {
          address: '192.0.2.1',
          announcement: 'edge',
          method: 'bird',
          listeners: ['tls', 'web'],
          withdrawWithoutTargets: true,
          drainMs: 1000,
          interface: 'lo',
          route: { peers: ['r1', 'r2'], communities, med: 10 },
        },
      ],
    });
  });

  it('goes to the routers of the Announcement that are for the node', () => {
    const found = plan({
      announcements: [anAnnouncement('edge', { peers: ['r2'] })],
      nodes: [node('a'), node('b', { groups: ['north'] })],
    });
    expect(found.get('b')!.peers.map(({ name }) => name)).toEqual(['r2']);
    expect(vipsOf(found, 'b')[0]!.route).toEqual({ peers: ['r2'] });
    expect(found.get('a')!.peers).toEqual([]);
    expect(vipsOf(found, 'a')).toMatchObject([
      { barred: 'no BgpPeer of Announcement/edge is for this node' },
    ]);
    expect(vipsOf(found, 'a')[0]).not.toHaveProperty('route');
  });

  it('is nothing where no Announcement is for it', () => {
    const found = plan({
      announcements: [anAnnouncement('edge', { nodeGroups: ['north', 'east'] })],
      nodes: [node('a'), node('b', { groups: ['east'] })],
    });
    expect([...found.keys()]).toEqual(['b']);
  });

  it('has its sessions and prefixes before it has a VIP', () => {
    const found = plan({ announcements: [anAnnouncement('edge')], nodes: [node('a')], listeners: [] });
    expect(found.get('a')).toMatchObject({ peers: [{ name: 'r1' }], vips: [] });
  });

  it('is barred where the node serves some of the listeners only', () => {
    const both = [web, aModel('tls', { address: '192.0.2.1', port: 443 })];
    const nodes = [node('a', { listeners: ['web'] }), node('b')];
    const found = plan({ announcements: [anAnnouncement('edge')], nodes, listeners: both });
    expect(vipsOf(found, 'a')).toMatchObject([
      {
        listeners: ['web'],
        barred: 'the node does not serve tls at this address, and routers know no ports',
      },
    ]);
    expect(vipsOf(found, 'b')[0]).not.toHaveProperty('barred');
    const off = [web, aModel('tls', { address: '192.0.2.1', port: 443, enabled: false })];
    const without = plan({ announcements: [anAnnouncement('edge')], nodes, listeners: off });
    expect(vipsOf(without, 'a')[0]).not.toHaveProperty('barred');
  });

  it('is in the order of addresses, each in its one spelling', () => {
    const found = plan({
      announcements: [anAnnouncement('edge', { vipPools: ['edge', 'core'] })],
      nodes: [node('a')],
      listeners: ['2001:DB8::0:1', '198.51.100.7', '192.0.2.10', '192.0.2.9'].map((address) =>
        aModel(`at-${address}`, { address }),
      ),
    });
    const order = ['192.0.2.9', '192.0.2.10', '198.51.100.7', '2001:db8::1'];
    expect(vipsOf(found, 'a').map(({ address }) => address)).toEqual(order);
    expect(found.get('a')!.prefixes).toEqual([
      '192.0.2.0/28',
      '198.51.100.7/32',
      '198.51.100.8/32',
      '2001:db8::/120',
    ]);
  });

  it('is said once, by the first Announcement, where two meet all the same', () => {
    const announcements = [anAnnouncement('a'), anAnnouncement('b', ADDRESS)];
    const found = plan({ announcements, nodes: [node('n')] });
    expect(vipsOf(found, 'n').map(({ announcement }) => announcement)).toEqual(['a']);
  });
});

describe('who leads a VIP', () => {
  const nodes = [node('a'), node('b'), node('c')];

  it('is one node of each that announces, evenly', () => {
    const found = plan({ announcements: [anAnnouncement('edge', ADDRESS)], nodes, listeners: shops(9) });
    const ranks = Object.values(ranksOf(found));
    expect(ranks).toHaveLength(9);
    for (const one of ranks) expect([...one].sort()).toEqual(['a', 'b', 'c']);
    for (const { name } of nodes) expect(ranks.filter(([leader]) => leader === name)).toHaveLength(3);
    expect(vipsOf(found, 'a')[0]!.leadership).toEqual({
      rank: expect.any(Number),
      preempt: false,
      leaseMs: 4000,
    });
    expect(found.get('a')).toMatchObject({ peers: [] });
  });

  it('is first one that serves everything there', () => {
    const both = [web, aModel('tls', { address: '192.0.2.1', port: 443 })];
    const found = plan({
      announcements: [anAnnouncement('edge', ADDRESS)],
      nodes: [node('a', { listeners: ['web'] }), node('b'), node('c')],
      listeners: both,
    });
    expect(ranksOf(found)['192.0.2.1']![2]).toBe('a');
  });

  it('is in another zone for VIPs that are apart', () => {
    const zoned = [node('a', { zone: 'x' }), node('b', { zone: 'x' }), node('c', { zone: 'y' })];
    const antiAffinity = [['192.0.2.1', '192.0.2.2']];
    for (const more of [ADDRESS, VRRP]) {
      const announcements = [anAnnouncement('edge', { ...more, antiAffinity })];
      const ranks = ranksOf(plan({ announcements, nodes: zoned, listeners: shops(6) }));
      const zones = ['192.0.2.1', '192.0.2.2'].map((address) => (ranks[address]![0] === 'c' ? 'y' : 'x'));
      expect(zones.sort()).toEqual(['x', 'y']);
    }
  });

  it('is the same for all VIPs of a virtual router', () => {
    const found = plan({ announcements: [anAnnouncement('edge', VRRP)], nodes, listeners: shops(9) });
    const ranks = ranksOf(found);
    const byRouter = new Map<number, Set<string>>();
    for (const { address, leadership } of vipsOf(found, 'a')) {
      const router = leadership!.virtualRouterId!;
      byRouter.set(router, (byRouter.get(router) ?? new Set()).add(ranks[address]!.join()));
    }
    expect([...byRouter.keys()].sort()).toEqual([51, 52, 53]);
    expect([...byRouter.values()].map((orders) => orders.size)).toEqual([1, 1, 1]);
    expect(new Set([...byRouter.values()].map((orders) => [...orders][0]![0])).size).toBe(3);
    expect(vipsOf(found, 'a')[0]!.leadership).toMatchObject({ preempt: true, advertMs: 1000 });
  });
});

it('equal input in another order announces the same', () =>
  fc.assert(
    fc.property(
      fc.shuffledSubarray(shops(12), { minLength: 12 }),
      fc.constantFrom(ADDRESS, VRRP, { method: 'bird' as const }),
      (listeners, method) => {
        const announcements = [anAnnouncement('edge', method)];
        const nodes = [node('a'), node('b', { groups: ['north'] }), node('c')];
        expect(plan({ announcements, nodes, listeners })).toEqual(
          plan({ announcements, nodes, listeners: shops(12) }),
        );
      },
    ),
  ));
