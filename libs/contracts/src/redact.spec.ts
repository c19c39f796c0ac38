import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { redactSpec } from './redact.js';

const SPECS = {
  wireguard: {
    privateKeyFile: '/s/01',
    privateKey: 's02',
    listenPort: 51820,
    peers: [{ presharedKey: 's03', name: 'keep-1' }],
  },
  group: { nodeName: 'keep-2', auth: { mode: 'keep-hmac', secretFile: '/s/04' } },
  vrrp: {
    authenticationFrom: { file: '/s/05' },
    passwordFrom: { env: 's06' },
    priority: 100,
    address: 'keep-3',
  },
  bgp: { passwordFile: '/s/07', password: ['s08'], asn: 64512, neighbour: 'keep-4' },
  ipsec: { psk: 's09', PSK_old: 's10', identity: 'keep-5' },
  cloud: { auth: { command: '/keep/6', apiToken: 's11', credentialKeyfile: '/s/12' }, region: 'keep-7' },
  tailscale: {
    'auth-key': 's13',
    credentials: { user: 's14' },
    hostname: 'keep-8',
    peersFrom: { resource: 'keep-9' },
  },
};

describe('P7 redaction', () => {
  const text = JSON.stringify(redactSpec(SPECS));

  it('P7 shows no secret and no path of a secret', () => {
    expect(text).not.toMatch(/s\d\d|\/s\//);
  });

  it('P7 keeps everything else', () => {
    for (const kept of [
      '51820',
      '64512',
      '100',
      'keep-hmac',
      '/keep/6',
      ...Array.from({ length: 5 }, (_, n) => `keep-${n + 1}`),
      'keep-7',
      'keep-8',
      'keep-9',
    ])
      expect(text).toContain(kept);
  });

  it('P7 drops paths and secret objects, blanks secret texts and lists', () => {
    expect(redactSpec(SPECS)).toEqual({
      wireguard: { privateKey: '', listenPort: 51820, peers: [{ presharedKey: '', name: 'keep-1' }] },
      group: { nodeName: 'keep-2', auth: { mode: 'keep-hmac' } },
      vrrp: { priority: 100, address: 'keep-3' },
      bgp: { password: '', asn: 64512, neighbour: 'keep-4' },
      ipsec: { psk: '', PSK_old: '', identity: 'keep-5' },
      cloud: { auth: { command: '/keep/6', apiToken: '' }, region: 'keep-7' },
      tailscale: { 'auth-key': '', hostname: 'keep-8', peersFrom: { resource: 'keep-9' } },
    });
  });
});

describe('P8 redaction', () => {
  it('P8 never changes its source', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'token', 'keyFile', 'bFrom', '__proto__'), fc.jsonValue()),
        (spec) => {
          const before = JSON.stringify(spec);
          redactSpec(spec);
          expect(JSON.stringify(spec)).toBe(before);
        },
      ),
    );
  });

  it('P8 keeps odd keys as plain data', () => {
    const spec: unknown = JSON.parse('{"__proto__":{"token":"s"},"constructor":1}');
    expect(JSON.stringify(redactSpec(spec))).toBe('{"__proto__":{"token":""},"constructor":1}');
  });

  it.each([null, true, 1, 'text', []])('P8 leaves %j as it is', (value) => {
    expect(redactSpec(value)).toEqual(value);
  });
});
