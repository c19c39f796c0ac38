import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Place } from '../place.js';

/** Listens with room for two connections (Linux: backlog + 1), says where, and never takes one. */
const SLEEPER = `
  const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });`;

/** Servers and clients with a behaviour of their own; `close` gives all of them back. */
export class Peers {
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly processes: ChildProcess[] = [];

  /** A server that may go on writing when the client has ended. */
  async listen(onSocket: (socket: Socket) => void): Promise<Place> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.track(socket);
      onSocket(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.servers.push(server);
    return { address: '127.0.0.1', port: (server.address() as AddressInfo).port };
  }

  /** A client that may go on reading when it has ended. */
  async connect(place: Place): Promise<Socket> {
    const socket = this.track(
      connect({ host: place.address, port: place.port, allowHalfOpen: true, noDelay: true }),
    );
    await once(socket, 'connect');
    return socket;
  }

  /** A place where a connect is neither taken nor refused. */
  async silence(): Promise<Place> {
    const sleeper = spawn(process.execPath, ['-e', SLEEPER], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.processes.push(sleeper);
    const [text] = (await once(sleeper.stdout, 'data')) as [Buffer];
    const place = { address: '127.0.0.1', port: Number(text.toString()) };
    await this.connect(place);
    await this.connect(place);
    return place;
  }

  async close(): Promise<void> {
    const ends = this.servers.map((server) => once(server, 'close'));
    for (const server of this.servers) server.close();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(ends);
    for (const sleeper of this.processes) {
      const ended = once(sleeper, 'exit');
      sleeper.kill('SIGKILL');
      await ended;
    }
  }

  private track(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => this.sockets.delete(socket));
    return socket;
  }
}

/** All that comes until the other side ends; rejects when it breaks. Leaves the socket open for writing. */
export async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => (text += String(chunk)));
  // Not by iteration, which destroys the socket at its end.
  await once(socket, 'end');
  return text;
}
