import { createSecureServer } from 'node:http2';
import type { TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CA, CERTIFICATE, KEY } from './certificates.fixture.js';
import { LocalProber } from './local-prober.js';
import { NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber({ ca: CA });
afterEach(() => servers.close());

type Version = 'TLSv1.2' | 'TLSv1.3';

/** Servers that ask for a certificate, which no probe has. */
const mutual = (version: Version): TlsOptions => ({
  ...{ key: KEY, cert: CERTIFICATE, ca: CA, requestCert: true, rejectUnauthorized: true },
  ...{ minVersion: version, maxVersion: version },
});

/** In TLS 1.2 it comes within the handshake, in 1.3 when the client has made its side of it. */
const ALERTS: readonly [Version, string][] = [
  ['TLSv1.2', 'handshake failure'],
  ['TLSv1.3', 'certificate required'],
];

describe('X35 a TLS alert is of layer 6 whenever it comes', () => {
  it.each(ALERTS)('https, %s', async (version, says) => {
    const port = await servers.https(() => undefined, mutual(version));
    const refused = result('L6RSP', expect.stringContaining(says));
    expect(await prober.probe(target('https', port), NEVER)).toEqual(refused);
  });

  it.each(ALERTS)('grpc, %s', async (version, says) => {
    const port = await servers.listen(createSecureServer(mutual(version)));
    const refused = result('L6RSP', expect.stringContaining(says));
    expect(await prober.probe(target('grpc', port, { ssl: true }), NEVER)).toEqual(refused);
  });

  it.each(['tcp', 'tls'] as const)('%s, within the handshake', async (type) => {
    const port = await servers.tls(mutual('TLSv1.2'));
    const params = type === 'tcp' ? { ssl: true } : {};
    expect(await prober.probe(target(type, port, params), NEVER)).toEqual(result('L6RSP'));
  });

  // Their question is answered by the handshake; blackbox_exporter and HAProxy (check-ssl) pass as well.
  it.each(['tcp', 'tls'] as const)('%s has its answer when the handshake is made', async (type) => {
    const port = await servers.tls(mutual('TLSv1.3'));
    const params = type === 'tcp' ? { ssl: true } : {};
    expect(await prober.probe(target(type, port, params), NEVER)).toEqual(result('L6OK'));
  });
});
