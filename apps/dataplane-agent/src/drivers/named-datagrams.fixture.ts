import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Place } from './named-servers.fixture.js';

/** A UDP server that answers each datagram with its name. */
export class NamedResponder {
  /** Datagrams that came. */
  heard = 0;
  private closed = false;

  private constructor(
    readonly name: string,
    readonly address: string,
    readonly port: number,
    private readonly socket: Socket,
  ) {
    socket.on('message', (_datagram, from) => {
      this.heard += 1;
      socket.send(name, from.port, from.address);
    });
    socket.on('error', () => undefined);
  }

  static async start(name: string, address: string): Promise<NamedResponder> {
    const socket = await bound(address);
    return new NamedResponder(name, address, socket.address().port, socket);
  }

  async stop(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await closing(this.socket);
  }
}

/** A client with one socket, which is one flow to a listener. */
export class DatagramClient {
  private readonly answers: string[] = [];
  private wake: () => void = () => undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly place: Place,
  ) {
    socket.on('message', (datagram) => {
      this.answers.push(datagram.toString('latin1'));
      this.wake();
    });
    // Tells of a place where nobody listens any more.
    socket.on('error', () => undefined);
  }

  static async open(place: Place): Promise<DatagramClient> {
    return new DatagramClient(await bound(place.address.includes(':') ? '::1' : '127.0.0.1'), place);
  }

  /** Answers that came and were not asked for yet. */
  get waiting(): number {
    return this.answers.length;
  }

  send(): void {
    this.socket.send('who', this.place.port, this.place.address);
  }

  /** Name of the server that answers. */
  async ask(): Promise<string> {
    this.send();
    while (this.answers.length === 0) await new Promise<void>((resolve) => (this.wake = resolve));
    return this.answers.shift() ?? '';
  }

  end(): Promise<void> {
    return closing(this.socket);
  }
}

/** Every datagram socket that one test opens; `close` gives all of them back. */
export class Datagrams {
  private readonly responders: NamedResponder[] = [];
  private readonly clients: DatagramClient[] = [];

  /** Servers of these names, on one address with a port each. */
  async start(names: readonly string[], address = '127.0.0.1'): Promise<NamedResponder[]> {
    const started: NamedResponder[] = [];
    for (const name of names) started.push(await NamedResponder.start(name, address));
    this.responders.push(...started);
    return started;
  }

  async open(place: Place): Promise<DatagramClient> {
    const client = await DatagramClient.open(place);
    this.clients.push(client);
    return client;
  }

  /** Opens so many clients and lets each ask once, one after the other. */
  async flows(place: Place, count: number): Promise<{ client: DatagramClient; name: string }[]> {
    const flows = [];
    for (let opened = 0; opened < count; opened += 1) {
      const client = await this.open(place);
      flows.push({ client, name: await client.ask() });
    }
    return flows;
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
    await Promise.all(this.responders.map((responder) => responder.stop()));
  }
}

/** How often each name is there. */
export function tallied(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

async function bound(address: string): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind({ address, port: 0 });
  await once(socket, 'listening');
  return socket;
}

async function closing(socket: Socket): Promise<void> {
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
