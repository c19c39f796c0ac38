import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Where something listens. */
export interface Place {
  readonly address: string;
  readonly port: number;
}

/** Where a client comes from; a port that is absent is any. */
export interface Origin {
  readonly address: string;
  readonly port?: number;
}

/** A TCP server that answers each line with its name; its port stays its own over a stop and a start. */
export class NamedServer {
  /** Connections that it took since it first started. */
  taken = 0;
  private readonly open = new Set<Socket>();
  private server?: Server;

  private constructor(
    readonly name: string,
    readonly address: string,
    public port = 0,
  ) {}

  static async start(name: string, address = '127.0.0.1', port = 0): Promise<NamedServer> {
    const server = new NamedServer(name, address, port);
    await server.start();
    return server;
  }

  /** Connections that stand. */
  get standing(): number {
    return this.open.size;
  }

  async start(): Promise<void> {
    const server = createServer({ noDelay: true }, (socket) => this.serve(socket));
    this.server = server.listen({ host: this.address, port: this.port });
    await once(server, 'listening');
    this.port = (server.address() as AddressInfo).port;
  }

  /** Cuts all connections and takes no more. */
  async stop(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.open) socket.destroy();
    await closed;
  }

  private serve(socket: Socket): void {
    this.taken += 1;
    this.open.add(socket);
    socket.setEncoding('latin1');
    socket.on('data', (text) => {
      for (const character of String(text)) if (character === '\n') socket.write(`${this.name}\n`);
    });
    socket.on('error', () => undefined).on('close', () => this.open.delete(socket));
  }
}

/** A connection of a client that asks who is there. */
export class LineClient {
  /** Whether the other side ended or cut it. */
  closed = false;
  private text = '';
  private wake: () => void = () => undefined;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (text) => this.heard(String(text)));
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.closed = true;
        this.wake();
      });
    }
  }

  /** Rejects when nobody listens there. */
  static async connect(place: Place, from?: Origin): Promise<LineClient> {
    const socket = connect({
      host: place.address,
      port: place.port,
      noDelay: true,
      localAddress: from?.address,
      localPort: from?.port,
    });
    await once(socket, 'connect');
    return new LineClient(socket);
  }

  /** Name of the server behind it; undefined when it was closed without an answer. */
  async ask(): Promise<string | undefined> {
    if (!this.closed) this.socket.write('who\n');
    while (!this.text.includes('\n') && !this.closed) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const end = this.text.indexOf('\n');
    if (end < 0) return undefined;
    const name = this.text.slice(0, end);
    this.text = this.text.slice(end + 1);
    return name;
  }

  /** Ends it, and waits until the socket is given back. */
  async end(): Promise<void> {
    if (this.socket.destroyed) return;
    const closed = once(this.socket, 'close');
    this.socket.destroy();
    await closed;
  }

  private heard(text: string): void {
    this.text += text;
    this.wake();
  }
}

/** Everything one test opens; `close` gives all of it back. */
export class Traffic {
  private readonly servers: NamedServer[] = [];
  private readonly clients = new Set<LineClient>();

  /** Servers of these names, on one address with a port each. */
  async start(names: readonly string[], address?: string): Promise<NamedServer[]> {
    const started: NamedServer[] = [];
    for (const name of names) started.push(await NamedServer.start(name, address));
    this.servers.push(...started);
    return started;
  }

  /** A connection that stands until the test ends. */
  async connect(place: Place, from?: Origin): Promise<LineClient> {
    const client = await LineClient.connect(place, from);
    this.clients.add(client);
    return client;
  }

  /** Who answers on a new connection, which ends after it; undefined: it was closed without an answer. */
  async ask(place: Place, from?: Origin): Promise<string | undefined> {
    const client = await LineClient.connect(place, from).catch(cutAtOnce);
    if (!client) return undefined;
    this.clients.add(client);
    const name = await client.ask();
    await client.end();
    this.clients.delete(client);
    return name;
  }

  /** Asks on so many new connections, one after the other, and counts the answers by name. */
  async tally(place: Place, connections: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let asked = 0; asked < connections; asked += 1) {
      const name = (await this.ask(place)) ?? 'nobody';
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  /** Whether somebody takes connections there. */
  async isOpen(place: Place): Promise<boolean> {
    try {
      const client = await LineClient.connect(place);
      await client.end();
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.clients].map((client) => client.end()));
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

/** A connection that is taken and reset at once may look like one that could not be made. */
function cutAtOnce(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ECONNRESET') throw error;
}
