import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CA, CERTIFICATE, KEY } from './certificates.fixture.js';
import { LocalProber } from './local-prober.js';
import type { ProbeTarget } from './probe.js';
import { HASTY_MS, NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber({ ca: CA });
afterEach(() => servers.close());

const probe = (port: number, params: ProbeTarget['params'] = {}, more: Partial<ProbeTarget> = {}) =>
  prober.probe(target('http', port, params, more), NEVER);

describe('an http probe', () => {
  it('is one GET on a connection of its own', async () => {
    const requests: IncomingMessage[] = [];
    const port = await servers.http((request, response) => {
      requests.push(request);
      response.end('fine');
    });
    expect(await probe(port)).toEqual(result('L7OK', 'HTTP 200'));
    expect(await probe(port, { path: '/health?deep=1', host: 'www.example' })).toEqual(result('L7OK'));
    const [first, second] = requests;
    expect([first?.method, first?.url, second?.url]).toEqual(['GET', '/', '/health?deep=1']);
    expect(first?.headers).toEqual({
      host: `127.0.0.1:${port}`,
      'user-agent': expect.stringMatching(/^signalbox\/\d+\.\d+\.\d+\S* \(health check\)$/),
      accept: '*/*',
      connection: 'close',
    });
    expect(second?.headers.host).toBe('www.example');
    expect(second?.socket).not.toBe(first?.socket);
    expect(requests).toHaveLength(2);
  });

  it('L7STS: a status outside the range', async () => {
    const port = await servers.http((_, response) => response.writeHead(503).end('no'));
    expect(await probe(port)).toEqual(result('L7STS', 'HTTP 503'));
    expect(await probe(port, { responseCode: '500-599' })).toEqual(result('L7OK', 'HTTP 503'));
  });

  it('follows no redirect', async () => {
    const paths: unknown[] = [];
    const port = await servers.http(({ url }, response) => {
      paths.push(url);
      response.writeHead(302, { location: '/other' }).end();
    });
    expect(await probe(port)).toEqual(result('L7STS', 'HTTP 302'));
    expect(paths).toEqual(['/']);
  });

  it('does not wait for a body it does not need, and closes', async () => {
    const port = await servers.says('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegin');
    expect(await probe(port)).toEqual(result('L7OK'));
    await servers.allClosed(1);
  });

  it('takes a response that comes byte by byte', async () => {
    const port = await servers.tcp((socket) => {
      socket.once('data', () => void dribble(socket, 'HTTP/1.1 204 No Content\r\nServer: snail\r\n\r\n'));
    });
    expect(await probe(port, { responseCode: 204 })).toEqual(result('L7OK', 'HTTP 204'));
  });
});

describe('what is no response', () => {
  it.each([
    ['garbage', 'SSH-2.0-sesame\r\n', 'the response is not HTTP/1'],
    ['a broken status line', 'HTTP/1.1 OK\r\n\r\n', 'the status line is broken'],
    ['a broken header', 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n', 'a header is broken'],
    ['a head without end', `HTTP/1.1 200 OK\r\nA: ${'a'.repeat(20_000)}`, /longer than 16384 bytes/],
  ])('L7RSP: %s', async (_, text, says) => {
    const port = await servers.says(text);
    expect(await probe(port)).toEqual(result('L7RSP', expect.stringMatching(says)));
  });

  it.each([
    ['before', ''],
    ['within', 'HTTP/1.1 200 OK\r\nServer: shy\r\n'],
  ])('L7RSP: a connection closed %s the response', async (where, text) => {
    const port = await servers.says(text, 'end');
    const closed = result('L7RSP', `the connection was closed ${where} the response`);
    expect(await probe(port)).toEqual(closed);
  });

  it('L7RSP: a connection that is reset', async () => {
    const port = await servers.tcp((socket) => socket.once('data', () => socket.resetAndDestroy()));
    expect(await probe(port)).toEqual(result('L7RSP', 'connection reset'));
  });

  it.each([
    ['nothing', ''],
    ['half a head', 'HTTP/1.1 200 OK\r\nServer: '],
    ['nothing but interim responses', 'HTTP/1.1 102 Processing\r\n\r\n'],
  ])('L7TOUT: %s', async (_, text) => {
    const port = await servers.says(text);
    const probed = await probe(port, {}, { timeoutMs: HASTY_MS });
    expect(probed).toEqual(result('L7TOUT', 'no response within 150 ms'));
  });

  it('L4CON: refused', async () => {
    expect(await probe(await servers.closedPort())).toEqual(result('L4CON', 'connection refused'));
  });
});

describe('a body that must match', () => {
  const responseRegexp = 'status: (ok|fine)';

  it.each([
    ['of known length', 'Content-Length: 11\r\n\r\nstatus: ok\n', 'silence'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n\r\n4\r\nstat\r\n6;a=b\r\nus: ok\r\n0\r\n\r\n', 'silence'],
    ['up to the end of the connection', '\r\nstatus: fine', 'end'],
  ] as const)('is read: %s', async (_, text, andThen) => {
    const port = await servers.says(`HTTP/1.1 200 OK\r\n${text}`, andThen);
    expect(await probe(port, { responseRegexp })).toEqual(result('L7OK', 'HTTP 200'));
  });

  it('L7RSP: does not', async () => {
    const port = await servers.http((_, response) => response.end('status: sad'));
    const probed = await probe(port, { responseRegexp });
    expect(probed).toEqual(result('L7RSP', `HTTP 200, the body does not match ${responseRegexp}`));
  });

  it('is not looked at when the status is wrong', async () => {
    const port = await servers.http((_, response) => response.writeHead(500).end('status: ok'));
    expect(await probe(port, { responseRegexp })).toEqual(result('L7STS', 'HTTP 500'));
  });

  it('is read for 64 KiB and no further', async () => {
    const port = await servers.says(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(65_534)}okay`);
    expect(await probe(port, { responseRegexp: 'xok$' })).toEqual(result('L7OK'));
    expect(await probe(port, { responseRegexp: 'oka' })).toEqual(result('L7RSP'));
  });

  it('L7RSP: is cut off', async () => {
    const port = await servers.says('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nstatus: ok', 'end');
    const cut = result('L7RSP', 'the connection was closed within the body');
    expect(await probe(port, { responseRegexp })).toEqual(cut);
  });

  it('costs linear time, whatever the expression', async () => {
    const port = await servers.http((_, response) => response.end(`${'a'.repeat(65_535)}!`));
    expect((await probe(port, { responseRegexp: '(a+)+$' })).code).toBe('L7RSP');
    expect((await probe(port, { responseRegexp: '(a+)+!$' })).code).toBe('L7OK');
  });

  it('L7RSP: an expression that is none', async () => {
    const port = await servers.http((_, response) => response.end('ok'));
    expect((await probe(port, { responseRegexp: '(' })).code).toBe('L7RSP');
  });
});

describe('an https probe', () => {
  it('R15 makes exactly one TLS handshake, and one request inside it', async () => {
    const seen = { connections: 0, handshakes: 0, requests: 0 };
    const server = createHttpsServer({ key: KEY, cert: CERTIFICATE }, (_, response) => {
      seen.requests += 1;
      response.end('ok');
    });
    server.on('connection', () => (seen.connections += 1));
    server.on('secureConnection', () => (seen.handshakes += 1));
    const port = await servers.listen(server);
    const probed = await prober.probe(target('https', port, { responseRegexp: '^ok$' }), NEVER);
    expect(probed).toEqual(result('L7OK', 'HTTP 200'));
    expect(seen).toEqual({ connections: 1, handshakes: 1, requests: 1 });
  });

  it('tells the layer that failed', async () => {
    const silent = await servers.says('');
    const speechless = await servers.tls(undefined, (socket) => socket.resume());
    const hasty = { timeoutMs: HASTY_MS };
    const codeOf = async (port: number, more = {}) =>
      (await prober.probe(target('https', port, {}, more), NEVER)).code;
    expect(await codeOf(await servers.closedPort())).toBe('L4CON');
    expect(await codeOf(silent, hasty)).toBe('L6TOUT');
    expect(await codeOf(await servers.says('HTTP/1.1 400 Bad Request\r\n\r\n'))).toBe('L6RSP');
    expect(await codeOf(speechless, hasty)).toBe('L7TOUT');
    expect(await codeOf(await servers.https((_, response) => response.writeHead(500).end()))).toBe('L7STS');
  });
});

describe('an aborted probe', () => {
  it.each([
    ['http', 'before the response', {}],
    ['https', 'in the handshake', {}],
    ['tcp', 'in the handshake', { ssl: true }],
    ['grpc', 'before the answer', {}],
  ] as const)('closes its socket: %s, %s', async (type, _, params) => {
    const abort = new AbortController();
    const port = await servers.tcp((socket) => socket.once('data', () => abort.abort()));
    expect((await prober.probe(target(type, port, params), abort.signal)).ok).toBe(false);
    await servers.allClosed(1);
    expect(abort.signal.aborted).toBe(true);
  });

  it('opens none when it is aborted before', async () => {
    const port = await servers.tcp(() => undefined);
    expect((await prober.probe(target('http', port), AbortSignal.abort())).ok).toBe(false);
    expect((await prober.probe(target('tcp', port), NEVER)).ok).toBe(true);
    await servers.allClosed(1);
  });
});

async function dribble(socket: Socket, text: string): Promise<void> {
  for (const char of text) await new Promise((resolve) => socket.write(char, () => setImmediate(resolve)));
}
