import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthImplementation } from 'grpc-health-check';
import { CA, CERTIFICATE, KEY } from './certificates.fixture.js';
import { LocalProber } from './local-prober.js';
import type { ProbeTarget } from './probe.js';
import { HASTY_MS, NEVER, result, Servers, target } from './servers.fixture.js';

const servers = new Servers();
const prober = new LocalProber({ ca: CA });
afterEach(() => servers.close());

const PLAIN = ServerCredentials.createInsecure();
const SECURE = ServerCredentials.createSsl(null, [
  { private_key: Buffer.from(KEY), cert_chain: Buffer.from(CERTIFICATE) },
]);

/** A real gRPC server; without `hasHealth` it implements nothing. */
async function grpcServer(credentials = PLAIN, hasHealth = true): Promise<number> {
  const server = new GrpcServer();
  const statuses = { '': 'SERVING', shop: 'SERVING', sick: 'NOT_SERVING', odd: 'UNKNOWN' } as const;
  if (hasHealth) new HealthImplementation(statuses).addToServer(server);
  servers.onClose(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}

const probe = (port: number, params: ProbeTarget['params'] = {}, more: Partial<ProbeTarget> = {}) =>
  prober.probe(target('grpc', port, params, more), NEVER);

describe('a grpc probe', () => {
  it.each([
    [undefined, 'L7OK', 'SERVING'],
    ['shop', 'L7OK', 'SERVING'],
    ['sick', 'L7STS', 'NOT_SERVING'],
    ['odd', 'L7STS', 'UNKNOWN'],
    ['nobody', 'L7STS', 'NOT_FOUND: the service is unknown'],
  ] as const)('of service %p: %s', async (service, code, detail) => {
    const probed = await probe(await grpcServer(), { ...(service !== undefined && { service }) });
    expect(probed).toEqual(result(code, detail));
  });

  it('L7STS: no health service', async () => {
    const probed = await probe(await grpcServer(PLAIN, false));
    expect(probed).toEqual(result('L7STS', 'UNIMPLEMENTED: there is no health service'));
  });

  it('speaks TLS when told so', async () => {
    const port = await grpcServer(SECURE);
    expect(await probe(port, { ssl: true })).toEqual(result('L7OK', 'SERVING'));
    expect((await probe(port, { ssl: true, serverName: 'other.example' })).code).toBe('L6RSP');
  });

  it('L4CON: refused', async () => {
    expect(await probe(await servers.closedPort())).toEqual(result('L4CON', 'connection refused'));
  });

  it('L7TOUT: silence', async () => {
    const port = await servers.tcp((socket) => socket.resume());
    expect((await probe(port, {}, { timeoutMs: HASTY_MS })).code).toBe('L7TOUT');
  });
});

describe('what is no answer', () => {
  const GRPC = { ':status': 200, 'content-type': 'application/grpc' };
  const SERVING = Buffer.from([0, 0, 0, 0, 2, 8, 1]);

  async function probeHttp2(onStream: (stream: ServerHttp2Stream) => void) {
    const server = createHttp2Server();
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      onStream(stream);
    });
    return probe(await servers.listen(server));
  }

  /** Answers with this message and, as gRPC does, with the status in the trailers. */
  const sayAll = (message: Buffer, trailers: Record<string, string> = { 'grpc-status': '0' }) => {
    return (stream: ServerHttp2Stream): void => {
      stream.respond(GRPC, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      stream.end(message);
    };
  };

  it('is told from an answer', async () => {
    expect((await probeHttp2(sayAll(SERVING))).code).toBe('L7OK');
  });

  it.each([
    ['a broken message', sayAll(Buffer.from([0, 0, 0])), 'no whole gRPC message'],
    ['a compressed message', sayAll(Buffer.from([1, 0, 0, 0, 0])), 'compressed'],
    ['no status', sayAll(SERVING, {}), 'no gRPC status'],
    ['a long answer', sayAll(Buffer.alloc(5_000)), 'too long'],
    [
      'HTML',
      (stream) => (stream.respond({ ':status': 200, 'content-type': 'text/html' }), stream.end('hi')),
      'not gRPC',
    ],
    ['a stream that is reset', (stream) => stream.close(2), 'NGHTTP2_INTERNAL_ERROR'],
    ['a session that ends', (stream) => stream.session?.destroy(), 'closed'],
  ] as [string, (stream: ServerHttp2Stream) => void, string][])('L7RSP: %s', async (_, onStream, says) => {
    expect(await probeHttp2(onStream)).toEqual(result('L7RSP', expect.stringContaining(says)));
  });

  it('L7STS: another HTTP status', async () => {
    const probed = await probeHttp2((stream) => stream.respond({ ':status': 502 }, { endStream: true }));
    expect(probed).toEqual(result('L7STS', 'HTTP 502'));
  });

  it.each([
    ['a server of HTTP/1', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
    ['garbage', 'SSH-2.0-sesame\r\n'],
  ])('L7RSP: %s', async (_, text) => {
    expect((await probe(await servers.says(text))).code).toBe('L7RSP');
  });

  it('L7RSP: a connection that is closed', async () => {
    const port = await servers.tcp((socket) => socket.once('data', () => socket.destroy()));
    expect((await probe(port)).code).toBe('L7RSP');
  });
});
