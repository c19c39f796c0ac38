import { describe, expect, it } from '@jest/globals';
import type { BgpPeer } from '../bgp/bgp-peers.js';
import { nameOf, peerMessage } from './gobgp-peer.js';
import { type GobgpWish, policiesOf } from './gobgp-policy.js';
import { OwnAddresses } from './own-addresses.js';

function peer(name: string, address: string): BgpPeer {
  return {
    ...{ name, address, port: 179, asn: 65_001, localAsn: 65_010 },
    ...{ holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5 },
  };
}

const [A, B] = [peer('a', '198.51.100.1'), peer('b', '2001:db8:b::1')];
const WISH: GobgpWish = {
  prefixes: ['192.0.2.0/24'],
  peers: [A, B],
  routes: [
    { address: '192.0.2.10', peers: ['a', 'b'], communities: [] },
    { address: '2001:db8:1::10', peers: ['a', 'b'], communities: [] },
  ],
  otherHops: new Map([['a', '2001:db8:a::2']]),
};

function statements(wish: GobgpWish): { readonly name: string; readonly [field: string]: unknown }[] {
  const [, out] = policiesOf(wish).policies;
  return out?.statements as ReturnType<typeof statements>;
}

describe('what gobgpd lets out', () => {
  it('is nothing of a family without a pool, before anything is let out', () => {
    expect(statements(WISH).map(({ name }) => name)).toEqual([
      ...['sb-outside-IPv4', 'sb-to-a-IPv4', 'sb-outside-IPv6', 'sb-to-a-IPv6', 'sb-to-b-IPv6'],
    ]);
    expect(statements(WISH)[0]).toMatchObject({
      conditions: { prefixSet: { type: 2, name: 'sb-pools-IPv4' }, afiSafiIn: [{ afi: 1, safi: 1 }] },
      actions: { routeAction: 2 },
    });
    expect(statements(WISH)[2]).toMatchObject({
      conditions: { afiSafiIn: [{ afi: 2, safi: 1 }] },
      actions: { routeAction: 2 },
    });
    expect(statements(WISH)[2]?.['conditions']).not.toHaveProperty('prefixSet');
  });

  it('is what this node announces, to its peers, by a next hop of its family', () => {
    expect(statements(WISH)[1]).toEqual({
      name: 'sb-to-a-IPv4',
      conditions: {
        prefixSet: { type: 0, name: 'sb-vips-IPv4-a' },
        neighborSet: { type: 0, name: 'sb-peer-a' },
        routeType: 3,
        afiSafiIn: [{ afi: 1, safi: 1 }],
      },
      actions: { routeAction: 1 },
    });
    expect(statements(WISH)[3]).toMatchObject({ actions: { nexthop: { address: '2001:db8:a::2' } } });
    expect(policiesOf(WISH).definedSets.find(({ name }) => name === 'sb-vips-IPv4-a')?.prefixes).toEqual([
      { ipPrefix: '192.0.2.10/32', maskLengthMin: 32, maskLengthMax: 32 },
    ]);
  });

  it('has another digest when anything is otherwise', () => {
    const digests = [
      WISH,
      { ...WISH, prefixes: [] },
      { ...WISH, peers: [A] },
      { ...WISH, otherHops: new Map() },
    ];
    expect(new Set(digests.map((wish) => policiesOf(wish).digest)).size).toBe(digests.length);
    expect(policiesOf({ ...WISH }).digest).toBe(policiesOf(WISH).digest);
  });
});

describe('a peer of gobgpd', () => {
  it('is known as ours, and with what it was told', () => {
    const [one, other] = [peerMessage(A), peerMessage({ ...A, password: 'secret' })];
    expect(nameOf(one)).toBe('a');
    expect(one.conf.description).not.toBe(other.conf.description);
    expect(
      nameOf({ conf: { neighborAddress: '192.0.2.1', description: 'of the operator' } }),
    ).toBeUndefined();
  });
});

describe('own addresses', () => {
  const link = (address: string, length: number) => ({
    ...{ address, cidr: `${address}/${length}`, netmask: '', mac: '', internal: false },
    ...(address.includes(':') ? { family: 'IPv6' as const, scopeid: 0 } : { family: 'IPv4' as const }),
  });
  const own = new OwnAddresses({
    lo: [{ ...link('127.0.0.1', 8), internal: true }],
    up: [link('198.51.100.2', 30), link('fe80::1', 64), link('2001:db8:a::2', 64)],
    alone: [link('203.0.113.2', 30), link('fe80::2', 64)],
  });

  it('are next hops for the other family, at the link of a peer', () => {
    const peers = [A, peer('c', '203.0.113.1'), peer('d', '192.0.2.1'), peer('e', '2001:db8:a::1')];
    const far = { ...peer('f', '192.0.2.1'), localAddress: '198.51.100.2' };
    expect(own.otherHops([...peers, far])).toEqual(
      new Map([
        ['a', '2001:db8:a::2'],
        ['e', '198.51.100.2'],
        ['f', '2001:db8:a::2'],
      ]),
    );
  });

  it('give a router ID', () => {
    expect(own.first).toBe('198.51.100.2');
  });
});
