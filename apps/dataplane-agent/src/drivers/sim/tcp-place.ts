import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { BoundPlace } from './bound-place.js';
import type { Place } from '../place.js';
import type { SimListener } from './sim-listener.js';
import { TcpConnection } from './tcp-connection.js';

/** A listening TCP socket. Connections do not hang on it: it can go before them. */
export class TcpPlace implements BoundPlace {
  owner: SimListener | undefined;

  private constructor(
    private readonly server: Server,
    readonly place: Place,
  ) {
    server.on('connection', (client) => {
      if (this.owner) TcpConnection.serve(client, this.owner);
      else client.destroy();
    });
  }

  /** Port 0: a free one. Rejects with the error of the system. */
  static async bind({ address, port }: Place): Promise<TcpPlace> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen({ host: address, port, ipv6Only: true });
    await once(server, 'listening');
    // A connection that fails while it is accepted is none of ours, and the server goes on.
    server.on('error', () => undefined);
    return new TcpPlace(server, { address, port: (server.address() as AddressInfo).port });
  }

  release(gone: () => void): void {
    this.owner = undefined;
    this.server.close();
    gone();
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    this.owner = undefined;
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }
}
