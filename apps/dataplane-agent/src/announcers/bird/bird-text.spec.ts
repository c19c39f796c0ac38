import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '@signalbox/testing';
import fc from 'fast-check';
import type { BgpPeer } from '../bgp/bgp-peers.js';
import { peerProtocol } from './bird-names.js';
import { birdPeerLack } from './bird-peer-text.js';
import { type BirdWish, birdText, isOurs } from './bird-text.js';

const GOLDEN = join(CHECKOUT, 'apps/dataplane-agent/src/announcers/bird/bird.golden.conf');

const TOR_A: BgpPeer = {
  ...{ name: 'tor-a', address: '198.51.100.1', port: 179, asn: 65_001, localAsn: 65_010 },
  ...{ holdSeconds: 9, keepaliveSeconds: 3, connectSeconds: 5, password: 'secret' },
  bfd: { receiveMs: 100, transmitMs: 100, multiplier: 3 },
};
const TOR_B: BgpPeer = {
  ...{ name: 'tor-b', address: '2001:db8:b::1', port: 1179, asn: 65_010, localAsn: 65_010 },
  ...{ holdSeconds: 90, keepaliveSeconds: 30, connectSeconds: 5, gracefulRestart: true },
  ...{ localAddress: '2001:db8:b::2', multihop: 2 },
};
const WISH: BirdWish = {
  routerId: '198.51.100.2',
  prefixes: ['192.0.2.0/24', '2001:db8:1::/64'],
  peers: [TOR_A, TOR_B],
  routes: [
    { address: '192.0.2.10', peers: ['tor-a', 'tor-b'], communities: [[65_000, 100]], med: 10 },
    { address: '192.0.2.11', peers: ['tor-a'], communities: [[65_000, 1, 2]], localPref: 200 },
    { address: '2001:db8:1::10', peers: ['tor-a', 'tor-b'], communities: [] },
  ],
  bringsBfd: true,
};

describe('the file that BIRD includes', () => {
  it('is the golden one', () => {
    expect(birdText(WISH).text).toBe(readFileSync(GOLDEN, 'utf8'));
  });

  it('is known as ours, as is one with nothing in it', () => {
    expect(isOurs(birdText(WISH).text)).toBe(true);
    expect(isOurs(' \n')).toBe(true);
    expect(isOurs('protocol static mine { }\n')).toBe(false);
  });

  it('has another digest when anything is otherwise', () => {
    const other = { ...WISH, peers: [{ ...TOR_A, password: 'other' }, TOR_B] };
    expect(birdText(other).digest).not.toBe(birdText(WISH).digest);
    expect(birdText({ ...WISH }).digest).toBe(birdText(WISH).digest);
  });

  it('changes no session when VIPs come and go', () => {
    const sessions = (routes: BirdWish['routes']) => {
      const { text } = birdText({ ...WISH, routes });
      return text.slice(text.indexOf('protocol bgp'));
    };
    const more = { ...WISH.routes[0]!, address: '192.0.2.77' };
    expect(sessions([...WISH.routes, more])).toBe(sessions(WISH.routes));
    expect(sessions(WISH.routes.slice(0, 2))).toBe(sessions(WISH.routes));
  });

  it('lets nothing out when there is no pool, or nothing for a peer', () => {
    expect(birdText({ ...WISH, prefixes: [] }).text).not.toContain('export filter');
    const { text } = birdText({ ...WISH, routes: [WISH.routes[1]!] });
    expect(text.slice(text.indexOf('protocol bgp sb_bgp_tor_b'))).not.toContain('export filter');
  });
});

describe('names in BIRD', () => {
  it('are those of peers, of characters that BIRD takes', () => {
    expect(peerProtocol('tor-a')).toBe('sb_bgp_tor_a');
    expect(peerProtocol('Tor_a')).toMatch(/^sb_bgp_Tor_a__[0-9a-f]{8}$/);
  });

  it('are never the same for two', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_./-]{1,60}$/);
    const near = ['tor-a', 'tor_a', 'tor.a', 'tor--a', 'tor-a-', 'TOR-a', 'tor-a__'];
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(name, fc.constantFrom(...near))), (names) => {
        const protocols = names.map(peerProtocol);
        expect(new Set(protocols).size).toBe(names.length);
        for (const protocol of protocols) expect(protocol).toMatch(/^sb_bgp_\w{1,56}$/);
      }),
    );
  });
});

describe('a peer that BIRD cannot be told of', () => {
  it('is one with BFD over several hops from no address', () => {
    expect(birdPeerLack(TOR_A)).toBeUndefined();
    expect(birdPeerLack({ ...TOR_A, multihop: 3 })).toBe('BFD over several hops needs a localAddress');
    expect(birdPeerLack({ ...TOR_A, multihop: 3, localAddress: '198.51.100.2' })).toBeUndefined();
  });

  it('is one whose name cannot be written', () => {
    expect(birdPeerLack({ ...TOR_A, name: 'a"b' })).toBe('BIRD takes no such name');
  });
});
