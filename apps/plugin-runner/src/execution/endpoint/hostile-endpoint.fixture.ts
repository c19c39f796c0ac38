import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  type AddressInfo,
  createServer as createRawServer,
  type Server as RawServer,
  type Socket,
} from 'node:net';
import { PLUGIN_API, type PluginRequest } from '@signalbox/contracts';

/** A request as an endpoint saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly request: PluginRequest;
  /** Number of its connection, from 1 in the order in which they were made. */
  readonly connection: number;
}

/** What an endpoint answers, `seen` included. */
export type Answering = (response: ServerResponse, seen: SeenRequest) => void;

/** An endpoint on a loopback address that does what a test wants. */
export class HostileEndpoint {
  readonly seen: SeenRequest[] = [];
  answer: Answering = (response) => response.end(resultText());
  /** Most connections that were open at once. */
  mostOpen = 0;
  private readonly connections = new Map<Socket, number>();
  private made = 0;

  private constructor(
    private readonly server: Server | RawServer,
    private readonly scheme: string,
  ) {}

  static async start(): Promise<HostileEndpoint> {
    return HostileEndpoint.listen((listener) => createServer({ keepAliveTimeout: 0 }, listener), 'http');
  }

  static async startSecure(identity: {
    readonly key: string;
    readonly cert: string;
  }): Promise<HostileEndpoint> {
    return HostileEndpoint.listen((listener) => createSecureServer(identity, listener), 'https');
  }

  /** Answers what is no HTTP as `onRequest` says, once bytes of a request came. */
  static async startRaw(onRequest: (socket: Socket) => void): Promise<HostileEndpoint> {
    const server = createRawServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => onRequest(socket));
    });
    return new HostileEndpoint(server, 'http').listening();
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `${this.scheme}://127.0.0.1:${port}/run`;
  }

  /** How many connections were made. */
  get connectionsMade(): number {
    return this.made;
  }

  /** Closes the connections that are open, without a word. */
  cut(): void {
    for (const socket of this.connections.keys()) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.connections.keys()) socket.destroy();
    await closed;
  }

  private static listen(
    make: (listener: RequestListener) => Server,
    scheme: string,
  ): Promise<HostileEndpoint> {
    let endpoint: HostileEndpoint | undefined;
    const server = make((request, response) => void endpoint!.handle(request, response));
    endpoint = new HostileEndpoint(server, scheme);
    return endpoint.listening();
  }

  private async listening(): Promise<this> {
    this.server.on('connection', (socket: Socket) => {
      this.connections.set(socket, ++this.made);
      this.mostOpen = Math.max(this.mostOpen, this.connections.size);
      socket.on('close', () => this.connections.delete(socket));
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const seen = {
      method: request.method ?? '',
      headers: request.headers,
      request: JSON.parse(Buffer.concat(chunks).toString()) as PluginRequest,
      connection: this.connections.get(request.socket) ?? this.made,
    };
    this.seen.push(seen);
    response.on('error', () => undefined);
    this.answer(response, seen);
  }
}

/** A PluginResult as JSON. */
export function resultText(status: object = { ttl: '5m' }): string {
  return JSON.stringify({ apiVersion: PLUGIN_API, kind: 'PluginResult', status });
}
