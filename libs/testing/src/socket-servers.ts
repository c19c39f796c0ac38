import { createSocket, type RemoteInfo, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { until } from './until.js';

/** Servers of a test, each on a port of its own that `close` gives back. */
export class SocketServers {
  /** Connections that TCP servers took, and of these the open ones. */
  private taken = 0;
  private readonly open = new Set<Socket>();
  private readonly closers: (() => Promise<unknown> | void)[] = [];

  tcp(onSocket: (socket: Socket) => void, port = 0): Promise<number> {
    return this.listen(createServer({ noDelay: true }, onSocket), '127.0.0.1', port);
  }

  async listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
    server.on('connection', (socket) => {
      this.taken += 1;
      this.open.add(socket);
      // Who asks cuts its connection whenever it knows enough.
      socket.on('error', () => undefined).on('close', () => this.open.delete(socket));
    });
    server.on('tlsClientError', () => undefined);
    server.listen(port, host);
    await once(server, 'listening');
    this.onClose(async () => {
      for (const socket of this.open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    return (server.address() as AddressInfo).port;
  }

  /** `onOpen` gets the socket when it can send. */
  async udp(
    onMessage: (message: Buffer, from: RemoteInfo, socket: DatagramSocket) => void,
    onOpen?: (socket: DatagramSocket) => void,
  ): Promise<number> {
    const socket = createSocket('udp4');
    socket.on('message', (message, from) => onMessage(message, from, socket));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.onClose(() => new Promise<void>((resolve) => socket.close(resolve)));
    onOpen?.(socket);
    return socket.address().port;
  }

  /** Waits until so many connections were taken and all of them are over: nobody but the clients closes them. */
  async allClosed(count: number): Promise<void> {
    await until(`the end of ${count} connections`, () => this.taken === count && this.open.size === 0);
  }

  /** A port at which nobody listens. */
  async closedPort(protocol: 'tcp' | 'udp' = 'tcp'): Promise<number> {
    const other = new SocketServers();
    const port = await (protocol === 'tcp' ? other.tcp(() => undefined) : other.udp(() => undefined));
    await other.close();
    return port;
  }

  onClose(close: () => Promise<unknown> | void): void {
    this.closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
    this.taken = 0;
    this.open.clear();
  }
}
