import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Place } from '../named-servers.fixture.js';

/** A server that tells its clients what it saw of them. */
export interface EchoServer extends Place {
  close(): void;
}

/** A server that keeps the first bytes of each connection. */
export interface ByteServer extends EchoServer {
  /** In hex. */
  readonly seen: readonly string[];
}

/** What {@link startEcho} answers, as JSON. */
export interface Echo {
  readonly name: string;
  readonly path: string;
  /** As they came, names and values in turn. */
  readonly headers: readonly string[];
}

/** A server of HTTP that answers each request with what it was asked. */
export async function startEcho(name: string): Promise<EchoServer> {
  const server = createHttpServer((asked, reply) => {
    const echo: Echo = { name, path: asked.url ?? '', headers: asked.rawHeaders };
    reply.end(JSON.stringify(echo));
  });
  return listening(server);
}

/** A server that ends each connection with the first bytes that came, in hex. */
export async function startFirstBytes(): Promise<ByteServer> {
  const seen: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('data', (bytes) => {
      seen.push(bytes.toString('hex'));
      socket.end(`${bytes.toString('hex')}\n`);
    });
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  const started = await listening(server);
  return {
    ...started,
    seen,
    close: () => {
      started.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** All values of a header that a target saw. */
export function valuesOf({ headers }: Echo, name: string): string[] {
  return headers.flatMap((word, at) =>
    at % 2 === 0 && word.toLowerCase() === name ? [headers[at + 1] ?? ''] : [],
  );
}

async function listening(server: Server | ReturnType<typeof createServer>): Promise<EchoServer> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: '127.0.0.1',
    port,
    close: () => {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
    },
  };
}
