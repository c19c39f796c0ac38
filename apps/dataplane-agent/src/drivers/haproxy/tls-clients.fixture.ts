import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Place } from '../named-servers.fixture.js';

/** What a client of TLS saw of a server; nobody of a test's certificates is trusted, and none has to be. */
export interface Handshake {
  /** Fingerprint of the certificate that was shown: 64 lower-case hex digits. */
  readonly sha256: string;
  readonly version: string;
  /** False: nothing was agreed on. */
  readonly alpn: string | false;
}

/** What a server answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** One handshake, by a client that asks for this host. Rejects when it fails. */
export async function handshake(
  { address, port }: Place,
  servername: string,
  options: ConnectionOptions = {},
): Promise<Handshake> {
  const socket = connect({ host: address, port, servername, rejectUnauthorized: false, ...options });
  try {
    await once(socket, 'secureConnect');
    return seen(socket);
  } finally {
    socket.destroy();
  }
}

/** One request over HTTP/1.1, in TLS when a host is named. */
export async function ask(
  { address, port }: Place,
  options: {
    readonly servername?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<Answer> {
  const { servername, path = '/', headers = {} } = options;
  const common = { host: address, port, path, headers, agent: false } as const;
  const asked =
    servername === undefined
      ? httpRequest(common)
      : httpsRequest({ ...common, servername, rejectUnauthorized: false });
  asked.end();
  const [reply] = await once(asked, 'response');
  let body = '';
  for await (const part of reply) body += String(part);
  return { status: reply.statusCode, headers: reply.headers, body };
}

/** One request over HTTP/2. */
export async function askHttp2({ address, port }: Place, servername: string): Promise<Answer> {
  const session = connectHttp2(`https://${address}:${port}`, { servername, rejectUnauthorized: false });
  try {
    const stream = session.request({ ':path': '/' });
    const [headers] = await once(stream, 'response');
    let body = '';
    for await (const part of stream) body += String(part);
    return { status: headers[':status'], headers, body };
  } finally {
    session.destroy();
  }
}

function seen(socket: TLSSocket): Handshake {
  return {
    sha256: socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase(),
    version: socket.getProtocol() ?? 'none',
    alpn: socket.alpnProtocol ?? false,
  };
}
