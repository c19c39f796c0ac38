import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMEOUTS, type NodeListener } from '@signalbox/contracts';
import { haproxyLack } from './haproxy-lack.js';

const WEB: NodeListener = {
  name: 'web',
  address: '192.0.2.10',
  protocol: 'tcp',
  port: 80,
  algorithm: 'round-robin',
  timeouts: DEFAULT_TIMEOUTS,
  targets: [{ address: '2001:db8::1', port: 8080, weight: 1, flushes: 0 }],
};

describe('what HAProxy cannot do', () => {
  it('is nothing of a plain listener', () => expect(haproxyLack(WEB)).toBeUndefined());

  it.each<[Partial<NodeListener>, string]>([
    [{ algorithm: 'maglev', tableSize: 251 }, 'no algorithm maglev'],
    [{ protocol: 'udp' }, 'no protocol udp'],
    [{ protocol: 'terminated-https' }, 'it names no certificate'],
    [{ policies: [] }, 'policies need protocol http or terminated-https'],
    [
      { affinity: { type: 'http-cookie', cookie: 'S' } },
      'affinity http-cookie needs protocol http or terminated-https',
    ],
    [{ affinity: { type: 'app-cookie', cookie: 'S' } }, 'affinity app-cookie needs protocol http'],
    [
      { targets: [{ address: 'fe80::1%eth0', port: 80, weight: 1, flushes: 0 }] },
      'fe80::1%eth0 names a zone',
    ],
    [{ listenAt: { address: 'fe80::1%eth0' } }, 'fe80::1%eth0 names a zone'],
  ])('%j: %s', (changes, lack) => {
    expect(haproxyLack({ ...WEB, ...changes })).toEqual({
      code: 'data-plane-refused',
      message: expect.stringMatching(new RegExp(`^driver haproxy cannot serve listener web: ${lack}`)),
    });
  });
});
