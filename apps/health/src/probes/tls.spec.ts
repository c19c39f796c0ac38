import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CA, CERTIFICATE, EXPIRED, KEY } from './certificates.fixture.js';
import { LocalProber } from './local-prober.js';
import type { ProbeTarget } from './probe.js';
import { NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber({ ca: CA });
afterEach(() => servers.close());

async function probe(params: ProbeTarget['params'], cert = CERTIFICATE, by = prober) {
  return by.probe(target('tls', await servers.tls({ key: KEY, cert }), params), NEVER);
}

describe('a tls probe', () => {
  it('passes and tells the end of the certificate', async () => {
    expect(await probe({})).toEqual(result('L6OK', 'the certificate ends on 2120-01-01'));
  });

  it('is degraded by a certificate that ends within warnBefore', async () => {
    expect(await probe({ warnBefore: '1000000h' })).toEqual({
      ...result('L6OK'),
      degraded: expect.stringMatching(/^the certificate ends in \d+ days \(2120-01-01\)$/),
    });
  });

  it.each([
    ['expired', EXPIRED, prober, {}, 'certificate has expired'],
    ['of an unknown authority', CERTIFICATE, new LocalProber(), {}, 'unable to verify the first certificate'],
    [
      'for another name',
      CERTIFICATE,
      prober,
      { serverName: 'other.example' },
      /altnames: Host: other\.example/,
    ],
  ])('L6RSP: a certificate that is %s', async (_, cert, by, params, says) => {
    expect(await probe(params, cert, by)).toEqual(result('L6RSP', expect.stringMatching(says)));
  });

  it.each([EXPIRED, CERTIFICATE])('accepts any certificate when told so', async (cert) => {
    const params = { insecureSkipVerify: true, serverName: 'other.example' };
    const probed = await probe(params, cert, new LocalProber());
    expect(probed).toMatchObject(result('L6OK'));
    expect(probed.degraded).toEqual(cert === EXPIRED ? expect.stringContaining('(2021-01-01)') : undefined);
  });
});

describe('the name that is asked for', () => {
  async function askedFor(type: 'tls' | 'https', params: ProbeTarget['params']) {
    let name: unknown;
    const port = await servers.tls({ key: KEY, cert: CERTIFICATE }, (socket) => {
      name = (socket as TLSSocket).servername;
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    });
    const { code } = await prober.probe(target(type, port, params), NEVER);
    return [name, code];
  }

  it('is serverName', async () => {
    const params = { serverName: 'backend.example', host: 'www.example' };
    expect(await askedFor('https', params)).toEqual(['backend.example', 'L7OK']);
  });

  it('else the name in host, without its port', async () => {
    expect(await askedFor('https', { host: 'backend.example:8443' })).toEqual(['backend.example', 'L7OK']);
  });

  it.each(['backend.example.', 'backend.example.:8443'])(
    'X33 is without its final dot, and so is the name that is verified: %s',
    async (host) => {
      expect(await askedFor('https', { host })).toEqual(['backend.example', 'L7OK']);
    },
  );

  it('X33 the Host header keeps the final dot', async () => {
    let host: unknown;
    const port = await servers.https((request, response) => {
      ({ host } = request.headers);
      response.end();
    });
    const params = { host: 'backend.example.' };
    expect(await prober.probe(target('https', port, params), NEVER)).toEqual(result('L7OK'));
    expect(host).toBe('backend.example.');
  });

  it('else none: an address is never sent, but the certificate is checked against it', async () => {
    expect(await askedFor('https', { host: '10.9.8.7:8443' })).toEqual([false, 'L7OK']);
    expect(await askedFor('https', { host: '[::1]' })).toEqual([false, 'L7OK']);
    expect((await askedFor('https', { serverName: '10.9.8.7' }))[1]).toBe('L6RSP');
  });
});

it('resumes no session', async () => {
  const resumed: boolean[] = [];
  const port = await servers.tls({ key: KEY, cert: CERTIFICATE }, (socket) => {
    resumed.push((socket as TLSSocket).isSessionReused());
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
  });
  for (let i = 0; i < 3; i += 1) expect((await prober.probe(target('https', port), NEVER)).code).toBe('L7OK');
  expect(resumed).toEqual([false, false, false]);
});
