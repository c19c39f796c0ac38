// The door of the site in the network of its nodes: what connects there is led to a server that listens on loopback alone.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Relay {
  #server;
  #sockets = new Set();

  /** From `address`, on a port that is free there, to this port of loopback. */
  static async open(address, port) {
    const relay = new Relay();
    relay.#server = createServer({ noDelay: true }, (near) => relay.#lead(near, port));
    await once(relay.#server.listen(0, address), 'listening');
    relay.port = relay.#server.address().port;
    return relay;
  }

  async close() {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #lead(near, port) {
    const far = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#sockets.add(one);
      one
        .on('error', () => one.destroy())
        .on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      one.pipe(other);
    }
  }
}
