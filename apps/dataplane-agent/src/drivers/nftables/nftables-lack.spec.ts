import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { nftablesLack } from './nftables-lack.js';

const LISTENER: NodeListener = {
  name: 'web',
  address: '192.0.2.10',
  protocol: 'tcp',
  port: 80,
  algorithm: 'round-robin',
  timeouts: DEFAULT_TIMEOUTS,
  targets: [{ address: '10.0.0.9', port: 8080, weight: 100, flushes: 0 }],
};

const DSR: Partial<NodeListener> = {
  forwarding: 'dsr',
  algorithm: 'maglev',
  targets: [{ address: '10.0.0.9', port: 80, weight: 100, flushes: 0 }],
};

describe('what nftables cannot do', () => {
  it('is nothing of a listener of layer 4', () => {
    for (const protocol of ['tcp', 'udp'] as const) {
      expect(nftablesLack({ ...LISTENER, protocol })).toBeUndefined();
    }
    expect(nftablesLack({ ...LISTENER, algorithm: 'maglev', tableSize: 251 })).toBeUndefined();
    expect(nftablesLack({ ...LISTENER, ...DSR })).toBeUndefined();
    const same = { address: '192.0.2.10', port: 80 };
    expect(nftablesLack({ ...LISTENER, ...DSR, listenAt: same })).toBeUndefined();
  });

  it.each<[string, Partial<NodeListener>, string]>([
    ['http', { protocol: 'http' }, 'no protocol http'],
    ['least-connections', { algorithm: 'least-connections' }, 'no algorithm least-connections'],
    ['a cookie', { affinity: { type: 'http-cookie', cookie: 'S' } }, 'no affinity http-cookie'],
    ['all addresses', { listenAt: { address: '0.0.0.0', port: 8080 } }, 'name one address in listenAt'],
    ['another family at its place', { listenAt: { address: '::1' } }, 'of another address family than ::1'],
    ['another family at its VIP', { address: '2001:db8::1' }, 'of another address family than the VIP'],
    [
      'a zone',
      {
        address: '2001:db8::1',
        targets: [{ address: 'fe80::1%eth0', port: 80, weight: 1, flushes: 0 }],
      },
      'fe80::1%eth0 names a zone',
    ],
    [
      'another place where targets have the VIP',
      { ...DSR, listenAt: { address: '127.0.0.1', port: 80 } },
      'listenAt names another place',
    ],
    [
      'another port where targets have that of the VIP',
      { ...DSR, listenAt: { address: '192.0.2.10' } },
      'listenAt names another place',
    ],
    ['turns without a state', { ...DSR, algorithm: 'round-robin' }, 'only with source-hash, maglev'],
    ['a size that is no prime', { algorithm: 'maglev', tableSize: 252 }, 'prime number of slots'],
  ])('is %s', (_what, changes, reason) => {
    const lack = nftablesLack({ ...LISTENER, ...changes });
    expect(lack).toMatchObject({ code: 'data-plane-refused' });
    expect(lack?.message).toContain('driver nftables cannot serve listener web');
    expect(lack?.message).toContain(reason);
  });
});
