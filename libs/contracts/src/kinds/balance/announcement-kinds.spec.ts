import { describe, expect, it } from '@jest/globals';
import { checkSet } from '../../references.js';
import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { validateResource } from '../../validate.js';
import { sample, type SampleKind, wrongFields } from '../sample-resources.fixture.js';
import { communityNumbers } from './community.js';
import { BALANCE_API } from './specs.js';

/** Fields that a bird Announcement has and others do not. */
const NOT_ROUTED = { peers: null, communities: null, localPref: null, med: null };
const VRRP = { method: 'vrrp', ...NOT_ROUTED, interface: 'eth0', virtualRouterIds: [51, 52] };
const ADDRESS = { method: 'address', ...NOT_ROUTED, interface: 'eth0', leaseTime: '4s' };

function resource(kind: string, name: string, spec: object): Resource {
  return validateResource({ apiVersion: BALANCE_API, kind, metadata: { name }, spec });
}

function announcement(name: string, spec: object = {}): Resource {
  return resource('Announcement', name, { method: 'bird', vipPools: ['edge'], ...spec });
}

const vrrp = (name: string, spec: object): Resource =>
  announcement(name, { method: 'vrrp', interface: 'eth0', virtualRouterIds: [51], ...spec });

const node = (name: string, groups: readonly string[]): Resource =>
  resource('Node', name, { driver: 'sim', groups });

const POOLS = ['edge', 'core'].map((name, at) =>
  resource('VipPool', name, { addresses: [`198.51.100.${at * 16}/28`] }),
);
const PEERS = ['r1', 'r2'].map((name, at) =>
  resource('BgpPeer', name, { address: `203.0.113.${at}`, asn: 65000, localAsn: 65010 }),
);

function wrongTogether(...others: readonly Resource[]): string[] {
  const all = [...POOLS, ...PEERS, ...others];
  const found = checkSet(new Map(all.map((one) => [keyOf(one), one])), all.map(refOf));
  return found.flatMap(({ ref, errors }) =>
    errors.map(({ pointer, message }) => `${refText(ref)} ${pointer} ${message}`),
  );
}

describe('an Announcement, BgpPeer or BfdProfile alone', () => {
  it.each<[what: string, kind: SampleKind, spec: Record<string, unknown>, wrong: readonly string[]]>([
    ['by bird', 'Announcement', {}, []],
    ['by gobgp', 'Announcement', { method: 'gobgp' }, []],
    ['by vrrp', 'Announcement', VRRP, []],
    ['by address', 'Announcement', ADDRESS, []],
    ['without a drain time', 'Announcement', { drainTime: '0s' }, []],
    ['by nothing known', 'Announcement', { method: 'ospf' }, ['/spec/method']],
    ['of no pool', 'Announcement', { vipPools: [] }, ['/spec/vipPools']],
    ['of one pool twice', 'Announcement', { vipPools: ['a', 'a'] }, ['/spec/vipPools/1']],
    ['on one group twice', 'Announcement', { nodeGroups: ['a', 'a'] }, ['/spec/nodeGroups/1']],
    ['to one peer twice', 'Announcement', { peers: ['a', 'a'] }, ['/spec/peers/1']],
    ['with one community twice', 'Announcement', { communities: ['1:2', '1:2'] }, ['/spec/communities/1']],
    ['with no community', 'Announcement', { communities: ['65536:1'] }, ['/spec/communities/0']],
    ['with a MED that is too high', 'Announcement', { med: 2 ** 32 }, ['/spec/med']],
    ['on an interface with a path', 'Announcement', { interface: '../eth0' }, ['/spec/interface']],
    ['on an interface with a long name', 'Announcement', { interface: 'a'.repeat(16) }, ['/spec/interface']],
    ['by bird with a lease', 'Announcement', { leaseTime: '10s' }, ['/spec/leaseTime']],
    ['by bird with leaders', 'Announcement', { preempt: true }, ['/spec/preempt']],
    ['by bird, kept apart', 'Announcement', { antiAffinity: [] }, ['/spec/antiAffinity']],
    ['by vrrp to peers', 'Announcement', { ...VRRP, peers: ['sample'] }, ['/spec/peers']],
    ['by vrrp with a MED', 'Announcement', { ...VRRP, med: 1 }, ['/spec/med']],
    ['by vrrp with a lease', 'Announcement', { ...VRRP, leaseTime: '10s' }, ['/spec/leaseTime']],
    ['by vrrp on no interface', 'Announcement', { ...VRRP, interface: null }, ['/spec/interface']],
    [
      'by vrrp without a router',
      'Announcement',
      { ...VRRP, virtualRouterIds: null },
      ['/spec/virtualRouterIds'],
    ],
    [
      'by vrrp with one router twice',
      'Announcement',
      { ...VRRP, virtualRouterIds: [7, 7] },
      ['/spec/virtualRouterIds/1'],
    ],
    [
      'by vrrp with router 256',
      'Announcement',
      { ...VRRP, virtualRouterIds: [256] },
      ['/spec/virtualRouterIds/0'],
    ],
    [
      'by vrrp, advertised in odd times',
      'Announcement',
      { ...VRRP, advertInterval: '15ms' },
      ['/spec/advertInterval'],
    ],
    [
      'by vrrp, advertised too seldom',
      'Announcement',
      { ...VRRP, advertInterval: '41s' },
      ['/spec/advertInterval'],
    ],
    [
      'by vrrp with more kept apart than routers',
      'Announcement',
      { ...VRRP, antiAffinity: [['192.0.2.1', '192.0.2.2', '192.0.2.3']] },
      ['/spec/antiAffinity/0'],
    ],
    ['by address on no interface', 'Announcement', { ...ADDRESS, interface: null }, ['/spec/interface']],
    [
      'by address with a short lease',
      'Announcement',
      { ...ADDRESS, leaseTime: '3999ms' },
      ['/spec/leaseTime'],
    ],
    [
      'by address with a router',
      'Announcement',
      { ...ADDRESS, virtualRouterIds: [1] },
      ['/spec/virtualRouterIds'],
    ],
    [
      'one VIP apart from itself',
      'Announcement',
      { ...ADDRESS, antiAffinity: [['2001:db8::1', '2001:DB8:0::1']] },
      ['/spec/antiAffinity/0/1'],
    ],
    [
      'no VIP',
      'Announcement',
      { ...ADDRESS, antiAffinity: [['224.0.0.1', '192.0.2.1']] },
      ['/spec/antiAffinity/0/0'],
    ],
    ['as it is', 'BgpPeer', {}, []],
    ['at no host', 'BgpPeer', { address: '224.0.0.1' }, ['/spec/address']],
    ['at a link-local address', 'BgpPeer', { address: 'fe80::1', localAddress: null }, ['/spec/address']],
    ['from another family', 'BgpPeer', { localAddress: '2001:db8::1' }, ['/spec/localAddress']],
    ['of AS 0', 'BgpPeer', { asn: 0 }, ['/spec/asn']],
    ['held for 2s', 'BgpPeer', { holdTime: '2s', keepaliveTime: null }, ['/spec/holdTime']],
    ['held for half a second more', 'BgpPeer', { holdTime: '3.5s' }, ['/spec/holdTime']],
    [
      'held for less than kept alive',
      'BgpPeer',
      { holdTime: '9s', keepaliveTime: '10s' },
      ['/spec/keepaliveTime'],
    ],
    ['tried each half second', 'BgpPeer', { connectTime: '500ms' }, ['/spec/connectTime']],
    ['with a password somewhere', 'BgpPeer', { passwordFile: 'password' }, ['/spec/passwordFile']],
    ['one hop away', 'BgpPeer', { multihop: 1 }, ['/spec/multihop']],
    ['as it is', 'BfdProfile', {}, []],
    [
      'by default',
      'BfdProfile',
      { receiveInterval: null, transmitInterval: null, detectMultiplier: null },
      [],
    ],
    ['too often', 'BfdProfile', { receiveInterval: '9ms' }, ['/spec/receiveInterval']],
    ['too seldom', 'BfdProfile', { transmitInterval: '11s' }, ['/spec/transmitInterval']],
    ['after one packet', 'BfdProfile', { detectMultiplier: 1 }, ['/spec/detectMultiplier']],
    ['in one group twice', 'Node', { groups: ['a', 'a'] }, ['/spec/groups/1']],
    ['with the router id 0', 'Node', { routerId: '0.0.0.0' }, ['/spec/routerId']],
    ['with a router id of IPv6', 'Node', { routerId: '2001:db8::1' }, ['/spec/routerId']],
  ])('%s: %s %j', (_what, kind, spec, wrong) => expect(wrongFields(kind, { spec })).toEqual(wrong));

  it.each(['Announcement', 'BgpPeer', 'BfdProfile'] as const)('%s stands in the project default', (kind) =>
    expect(wrongFields(kind, { metadata: { project: 'lab' } })).toEqual(['/metadata/project']),
  );

  it('says what a method lacks and what it does not know', () => {
    const { spec } = sample('Announcement', { spec: { ...VRRP, interface: null, leaseTime: '10s' } });
    expect(() => validateResource({ ...sample('Announcement'), spec })).toThrow(
      expect.objectContaining({
        errors: [
          { pointer: '/spec/leaseTime', message: 'is of method address only: the method is vrrp' },
          { pointer: '/spec/interface', message: 'is required with method vrrp' },
        ],
      }),
    );
  });
});

describe('a community', () => {
  it.each([
    ['65000:100', [65000, 100]],
    ['0:65535', [0, 65535]],
    ['4294967295:0:1', [4294967295, 0, 1]],
    ['no-export', [65535, 65281]],
    ['blackhole', [65535, 666]],
    ['65000', undefined],
    ['65536:1', undefined],
    ['1:2:4294967296', undefined],
    ['1:2:3:4', undefined],
    ['01:2', undefined],
    ['-1:2', undefined],
    ['1:2 ', undefined],
    ['constructor', undefined],
  ])('%s', (text, numbers) => expect(communityNumbers(text)).toEqual(numbers));
});

describe('what an Announcement and a BgpPeer name', () => {
  it('is there', () =>
    expect(
      wrongTogether(
        announcement('a', { vipPools: ['edge', 'gone'], peers: ['r1', 'r9'] }),
        resource('BgpPeer', 'r3', { address: '203.0.113.9', asn: 1, localAsn: 2, bfdProfile: 'fast' }),
      ),
    ).toEqual([
      'Announcement/a /spec/vipPools/1 VipPool/gone does not exist: declare it or correct the name',
      'Announcement/a /spec/peers/1 BgpPeer/r9 does not exist: declare it or correct the name',
      'BgpPeer/r3 /spec/bfdProfile BfdProfile/fast does not exist: declare it or correct the name',
    ]));
});

describe('two Announcements', () => {
  it('of one VipPool are not for one node', () => {
    expect(wrongTogether(announcement('a'), announcement('b', { nodeGroups: ['north'] }))).toEqual([
      'Announcement/a /spec/vipPools/0 Announcement/b announces VipPool/edge too, and both are for nodes of group north',
      'Announcement/b /spec/vipPools/0 Announcement/a announces VipPool/edge too, and both are for nodes of group north',
    ]);
    expect(wrongTogether(announcement('a'), announcement('b'))[0]).toContain('both are for every node');
    const apart = [
      announcement('a', { nodeGroups: ['north'] }),
      announcement('b', { nodeGroups: ['south'] }),
    ];
    expect(wrongTogether(...apart)).toEqual([]);
    expect(wrongTogether(announcement('a'), announcement('b', { vipPools: ['core'] }))).toEqual([]);
  });

  it('of one VipPool are not for one node by its groups, whichever is asked', () => {
    const apart = [
      announcement('a', { nodeGroups: ['north'] }),
      announcement('b', { nodeGroups: ['south'] }),
    ];
    expect(wrongTogether(...apart, node('n1', ['north']), node('n2', ['south']))).toEqual([]);
    expect(wrongTogether(...apart, node('n1', ['north', 'south']))).toEqual([
      'Announcement/a /spec/vipPools/0 Announcement/b announces VipPool/edge too, and both are for Node/n1',
      'Announcement/b /spec/vipPools/0 Announcement/a announces VipPool/edge too, and both are for Node/n1',
      'Node/n1 /spec/groups are those of Announcement/a and Announcement/b: Announcement/b announces VipPool/edge too',
    ]);
  });

  it('do not speak to one BgpPeer by two daemons of one node', () => {
    const bird = announcement('a', { peers: ['r1'] });
    const gobgp = (spec: object): Resource =>
      announcement('b', { method: 'gobgp', vipPools: ['core'], ...spec });
    expect(wrongTogether(bird, gobgp({ peers: ['r2'] }))).toEqual([]);
    expect(wrongTogether(bird, gobgp({ peers: ['r1'] }))).toEqual([
      'Announcement/a /spec/method Announcement/b speaks to BgpPeer/r1 by gobgp, and both are for every node',
      'Announcement/b /spec/method Announcement/a speaks to BgpPeer/r1 by bird, and both are for every node',
    ]);
    expect(wrongTogether(bird, gobgp({}))).toHaveLength(2);
    const here = announcement('a', { peers: ['r1'], nodeGroups: ['north'] });
    expect(wrongTogether(here, gobgp({ peers: ['r1'], nodeGroups: ['south'] }))).toEqual([]);
  });

  it('have no virtual router of one segment in common', () => {
    const first = vrrp('a', { nodeGroups: ['north'], virtualRouterIds: [50, 51] });
    const second = (spec: object): Resource => vrrp('b', { vipPools: ['core'], ...spec });
    expect(wrongTogether(first, second({}))).toEqual([
      'Announcement/a /spec/virtualRouterIds/1 Announcement/b already has virtual router 51 on eth0',
      'Announcement/b /spec/virtualRouterIds/0 Announcement/a already has virtual router 51 on eth0',
    ]);
    expect(wrongTogether(first, second({ interface: 'eth1' }))).toEqual([]);
    expect(wrongTogether(first, second({ virtualRouterIds: [52] }))).toEqual([]);
  });
});
