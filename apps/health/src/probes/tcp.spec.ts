import { afterEach, describe, expect, it } from '@jest/globals';
import { CA, CERTIFICATE, EXPIRED, KEY } from './certificates.fixture.js';
import { LocalProber } from './local-prober.js';
import { HASTY_MS, NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber({ ca: CA });
afterEach(() => servers.close());

describe('a tcp probe', () => {
  it('passes when it connects, says nothing and closes at once', async () => {
    const said: Buffer[] = [];
    const port = await servers.tcp((socket) => socket.on('data', (bytes) => said.push(bytes)));
    expect(await prober.probe(target('tcp', port), NEVER)).toEqual(result('L4OK', 'connected'));
    await servers.allClosed(1);
    expect(said).toEqual([]);
  });

  it('reaches IPv6', async () => {
    const port = await servers.http(() => undefined, '::1');
    expect(await prober.probe(target('tcp', port, {}, { address: '::1' }), NEVER)).toEqual(result('L4OK'));
  });

  it('L4CON: refused', async () => {
    const port = await servers.closedPort();
    const refused = result('L4CON', 'connection refused');
    expect(await prober.probe(target('tcp', port), NEVER)).toEqual(refused);
  });

  it('L4CON: what no socket can be opened to', async () => {
    const broken = target('tcp', 80, {}, { address: '255.255.255.255' });
    expect(await prober.probe(broken, NEVER)).toEqual(result('L4CON'));
    expect(await prober.probe(target('tcp', 65536), NEVER)).toEqual(result('L4CON'));
  });

  it('L4TOUT: a connection that is not taken', async () => {
    const port = await servers.fullPort();
    const late = target('tcp', port, {}, { timeoutMs: HASTY_MS });
    expect(await prober.probe(late, NEVER)).toEqual(result('L4TOUT', 'no connection within 150 ms'));
  });
});

describe('the source address', () => {
  async function probeFrom(source: string, address = '127.0.0.1') {
    const sources: unknown[] = [];
    const port = await servers.http(({ socket }, response) => {
      sources.push(socket.remoteAddress);
      response.end();
    }, address);
    const probed = await prober.probe(target('http', port, {}, { address, source }), NEVER);
    return { code: probed.code, detail: probed.detail, sources };
  }

  it('is used', async () => {
    expect(await probeFrom('127.0.0.7')).toMatchObject({ code: 'L7OK', sources: ['127.0.0.7'] });
  });

  it('is ignored when it is of another family', async () => {
    expect(await probeFrom('2001:db8::1')).toMatchObject({ code: 'L7OK', sources: ['127.0.0.1'] });
    expect(await probeFrom('127.0.0.7', '::1')).toMatchObject({ code: 'L7OK', sources: ['::1'] });
  });

  it('L4CON: is not ours', async () => {
    const detail = 'cannot send from 203.0.113.9: address not available';
    expect(await probeFrom('203.0.113.9')).toEqual({ code: 'L4CON', detail, sources: [] });
  });
});

describe('a tcp probe with TLS', () => {
  const secure = async (cert: string) => target('tcp', await servers.tls({ key: KEY, cert }), { ssl: true });

  it('passes when the handshake is made', async () => {
    expect(await prober.probe(await secure(CERTIFICATE), NEVER)).toEqual(result('L6OK'));
  });

  it('L6RSP: an expired certificate', async () => {
    const expired = result('L6RSP', 'certificate has expired');
    expect(await prober.probe(await secure(EXPIRED), NEVER)).toEqual(expired);
  });

  it('L6RSP: a server that speaks no TLS', async () => {
    const port = await servers.says('SSH-2.0-sesame\r\n');
    const probed = await prober.probe(target('tcp', port, { ssl: true }), NEVER);
    expect(probed).toEqual(result('L6RSP', 'wrong version number'));
  });

  it('L6RSP: a server that closes', async () => {
    const port = await servers.tcp((socket) => socket.end());
    const probed = await prober.probe(target('tcp', port, { ssl: true }), NEVER);
    expect(probed).toEqual(result('L6RSP'));
  });

  it('L6TOUT: a server that is silent; its connection is closed', async () => {
    const port = await servers.tcp((socket) => socket.resume());
    const late = target('tcp', port, { ssl: true }, { timeoutMs: HASTY_MS });
    expect(await prober.probe(late, NEVER)).toEqual(result('L6TOUT', 'no TLS handshake within 150 ms'));
    await servers.allClosed(1);
  });
});
